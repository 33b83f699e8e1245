/** @jsxImportSource preact */
/** Commits as they happen: who wrote, and what became of each document. */
import { useContext, useState } from "preact/hooks";
import { jsonToConvex } from "../../values/convex-json";
import type { JSONValue, Value } from "../../values/value";
import type { CommitChange, CommitLine } from "../wire";
import type { Entry } from "./history";
import { moveInList } from "./keyboard";
import { Empty } from "./notice";
import { BackendContext } from "./page-backend";
import { clockText } from "./time-text";
import { usePausable } from "./use-pausable";
import { printField, printText } from "./value-text";

const SHOWN = 200;

export function CommitsView() {
  const { commits } = useContext(BackendContext);
  const [entries, isPaused, setIsPaused] = usePausable(commits.entries);
  const [search, setSearch] = useState("");
  const found = entries.filter(({ item }) => item === undefined || matches(item, search));
  return (
    <section class="main main-wide" aria-label="Commits">
      <div class="toolbar">
        <input
          type="search"
          data-search
          placeholder="Search function, table or id"
          aria-label="Search commits"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <button type="button" aria-pressed={isPaused} onClick={() => setIsPaused(!isPaused)}>
          {isPaused ? "Go on" : "Pause"}
        </button>
        <button type="button" onClick={() => commits.clear()}>
          Clear
        </button>
      </div>
      {found.length === 0 ? (
        <Empty title={entries.length === 0 ? "No commits yet." : "No commit matches."}>
          {entries.length === 0 && "Each appears here with what it changed, from now on."}
        </Empty>
      ) : (
        <ol class="timeline" reversed onKeyDown={moveInList}>
          {found
            .slice(-SHOWN)
            .reverse()
            .map((entry) => (
              <Commit key={entry.number} entry={entry} />
            ))}
        </ol>
      )}
    </section>
  );
}

function matches({ source = "", changes }: CommitLine, search: string): boolean {
  const wanted = search.toLowerCase();
  const texts = [source, ...changes.flatMap(({ component, table, id }) => [component, table, id])];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

function Commit({ entry: { item } }: { entry: Entry<CommitLine> }) {
  if (item === undefined) return <li class="gap">… some commits were too many to be sent …</li>;
  const { ts, source, size, changes } = item;
  return (
    <li>
      <details>
        <summary data-item>
          <time class="muted" title={`${ts} ns`}>
            {clockText(Number(BigInt(ts) / 1_000_000n))}
          </time>
          <span class="source">{source ?? "—"}</span>
          <span class="changes">
            {summaryOf(changes).map(([table, text]) => (
              <span class="tag" key={table}>
                {table} {text}
              </span>
            ))}
          </span>
        </summary>
        {changes.map((change) => (
          <Change key={change.id} change={change} />
        ))}
        {size > changes.length && (
          <p class="muted">… and {(size - changes.length).toLocaleString()} more documents.</p>
        )}
      </details>
    </li>
  );
}

/** `+2 ~1 −1`, by table. */
function summaryOf(changes: readonly CommitChange[]): [table: string, text: string][] {
  const tables = [...new Set(changes.map(({ table }) => table))];
  return tables.map((table) => {
    const of = changes.filter((change) => change.table === table);
    const signs = of.map(signOf);
    const count = (sign: string) => signs.filter((each) => each === sign).length;
    const parts = ["+", "~", "−"].filter((sign) => count(sign) > 0);
    return [table, parts.map((sign) => `${sign}${count(sign)}`).join(" ")];
  });
}

function signOf({ before, after, isLarge }: CommitChange): "+" | "~" | "−" {
  if (isLarge || (before !== null && after !== null)) return "~";
  return before === null ? "+" : "−";
}

function Change({ change }: { change: CommitChange }) {
  const { component, table, id, isLarge } = change;
  return (
    <div class="change">
      <p>
        <span class="change-sign">{signOf(change)}</span> {component && `${component}/`}
        {table} <code class="muted">{id}</code>
      </p>
      {isLarge ? <p class="muted">Too large to be shown.</p> : <Diff change={change} />}
    </div>
  );
}

function Diff({ change: { before, after } }: { change: CommitChange }) {
  const old = documentOf(before);
  const next = documentOf(after);
  const fields = [...new Set([...Object.keys(old), ...Object.keys(next)])];
  const shown = fields.filter((field) => field !== "_id");
  return (
    <pre class="diff">
      {shown.flatMap((field) => {
        const [was, is] = [lineOf(old, field), lineOf(next, field)];
        if (was === is) return <span class="same">{`  ${is}\n`}</span>;
        return [
          was !== undefined && <del>{`− ${was}\n`}</del>,
          is !== undefined && <ins>{`+ ${is}\n`}</ins>,
        ];
      })}
    </pre>
  );
}

type Fields = Readonly<Record<string, Value>>;

function documentOf(json: JSONValue): Fields {
  return json === null ? {} : (jsonToConvex(json) as Fields);
}

function lineOf(fields: Fields, field: string): string | undefined {
  if (!Object.hasOwn(fields, field)) return undefined;
  return `${printField(field)}: ${printText(fields[field])}`.replaceAll("\n", "\n  ");
}
