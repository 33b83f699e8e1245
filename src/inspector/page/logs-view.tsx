/** @jsxImportSource preact */
/** What functions write to the console, as it comes. */
import { useContext, useState } from "preact/hooks";
import type { LogLine } from "../wire";
import type { Entry } from "./history";
import { Empty } from "./notice";
import { BackendContext } from "./page-backend";
import { clockText } from "./time-text";
import { usePausable } from "./use-pausable";

const SHOWN = 500;
const LEVELS = ["all", "DEBUG", "INFO", "LOG", "WARN", "ERROR"] as const;

export function LogsView() {
  const { logs } = useContext(BackendContext);
  const [entries, isPaused, setIsPaused] = usePausable(logs.entries);
  const [search, setSearch] = useState("");
  const [level, setLevel] = useState("all");
  const found = entries.filter(({ item }) => item === undefined || matches(item, search, level));
  return (
    <section class="main main-wide" aria-label="Logs">
      <div class="toolbar">
        <input
          type="search"
          data-search
          placeholder="Search logs"
          aria-label="Search logs"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <select
          aria-label="Level"
          value={level}
          onChange={(event) => setLevel(event.currentTarget.value)}
        >
          {LEVELS.map((each) => (
            <option key={each} value={each}>
              {each === "all" ? "all levels" : each}
            </option>
          ))}
        </select>
        <button type="button" aria-pressed={isPaused} onClick={() => setIsPaused(!isPaused)}>
          {isPaused ? "Go on" : "Pause"}
        </button>
        <button type="button" onClick={() => logs.clear()}>
          Clear
        </button>
      </div>
      {found.length === 0 ? (
        <Empty title={entries.length === 0 ? "Nothing logged yet." : "No line matches."}>
          {entries.length === 0 && "What functions write to the console appears here, from now on."}
        </Empty>
      ) : (
        <ol class="log" reversed>
          {found
            .slice(-SHOWN)
            .reverse()
            .map((entry) => (
              <Line key={entry.number} entry={entry} />
            ))}
        </ol>
      )}
    </section>
  );
}

function matches(line: LogLine, search: string, level: string): boolean {
  if (level !== "all" && line.level !== level) return false;
  const text = `${line.componentPath} ${line.function} ${line.text}`.toLowerCase();
  return text.includes(search.toLowerCase());
}

function Line({ entry: { item } }: { entry: Entry<LogLine> }) {
  if (item === undefined) return <li class="gap">… some lines were too many to be sent …</li>;
  const { timeMs, level, function: name, componentPath, text } = item;
  return (
    <li class={`log-line level-${level.toLowerCase()}`}>
      <time class="muted">{clockText(timeMs)}</time>
      <span class="level">{level}</span>
      <span class="source">{componentPath === "" ? name : `${componentPath}/${name}`}</span>
      <span class="text">{text}</span>
    </li>
  );
}
