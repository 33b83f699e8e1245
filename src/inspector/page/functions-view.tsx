/** @jsxImportSource preact */
/** All functions, and one of them to be called. */
import { useState } from "preact/hooks";
import {
  type ComponentFunctions,
  type FunctionChoice,
  functionKey,
  KIND_LETTERS,
} from "./function-info";
import { FunctionPanel } from "./function-panel";
import { moveInList } from "./keyboard";
import { Empty, Pending, Problem } from "./notice";
import { go, hrefOf, useRoute } from "./route";
import { useReport } from "./use-query";

export function FunctionsView() {
  const answer = useReport<ComponentFunctions[]>("functions", {});
  const [search, setSearch] = useState("");
  const { selected } = useRoute();
  if (answer.kind !== "ok") return <Pending answer={answer} what="functions" />;
  const all = answer.value.flatMap(({ component, functions }) =>
    functions.map((fn): FunctionChoice => ({ component, fn })),
  );
  const errors = answer.value.flatMap(({ error }) => error ?? []);
  const shown = all.find((each) => functionKey(each) === selected) ?? all[0];
  const found = all.filter((each) =>
    functionKey(each).toLowerCase().includes(search.toLowerCase()),
  );
  return (
    <div class="split">
      <nav class="side" aria-label="Functions" onKeyDown={moveInList}>
        <input
          type="search"
          data-search
          placeholder="Search functions"
          aria-label="Search functions"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        {errors.map((error) => (
          <Problem key={error} message={error} />
        ))}
        <FunctionList found={found} selected={shown && functionKey(shown)} />
      </nav>
      {shown === undefined ? (
        <Empty title="There are no functions." />
      ) : (
        <>
          <select
            class="split-select"
            aria-label="Function"
            value={functionKey(shown)}
            onChange={(event) => go("functions", event.currentTarget.value)}
          >
            {all.map((each) => (
              <option key={functionKey(each)} value={functionKey(each)}>
                {KIND_LETTERS[each.fn.kind]} {functionKey(each)}
              </option>
            ))}
          </select>
          <FunctionPanel key={functionKey(shown)} choice={shown} />
        </>
      )}
    </div>
  );
}

function FunctionList({
  found,
  selected,
}: {
  found: readonly FunctionChoice[];
  selected: string | undefined;
}) {
  if (found.length === 0) return <p class="muted side-note">No function is called so.</p>;
  return (
    <ul>
      {found.map((each) => (
        <li key={functionKey(each)}>
          <a
            data-item
            class="side-item"
            href={hrefOf("functions", functionKey(each))}
            aria-current={functionKey(each) === selected ? "true" : undefined}
          >
            <Kind choice={each} />
            <span class="name">{functionKey(each)}</span>
            {each.fn.visibility === "internal" && each.fn.kind !== "httpAction" && (
              <span class="tag">internal</span>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Kind({ choice: { fn } }: { choice: FunctionChoice }) {
  return (
    <abbr class={`kind kind-${fn.kind}`} title={fn.kind}>
      {KIND_LETTERS[fn.kind]}
    </abbr>
  );
}
