/** @jsxImportSource preact */
/** What is listened to: its read ranges, how often it ran again, and why. */
import { useState } from "preact/hooks";
import { jsonToConvex } from "../../values/convex-json";
import type { JSONValue } from "../../values/value";
import { Choice } from "./choice";
import { moveInList } from "./keyboard";
import { Empty, Pending } from "./notice";
import { useReport } from "./use-query";
import { printText } from "./value-text";

/** A `LiveQueryReport` as the report `liveQueries` gives it. */
interface LiveQuery {
  readonly function: string;
  readonly component: string;
  readonly args: JSONValue;
  readonly subscribers: number;
  readonly usesIdentity: boolean;
  readonly state: string;
  readonly reads: readonly string[];
  readonly rerunCount: number;
  readonly reruns: readonly {
    readonly changed: boolean;
    readonly because: readonly Touch[];
  }[];
}

interface Touch {
  readonly ts: string;
  readonly read: string;
  readonly change: "insert" | "update" | "delete" | "createTable";
  readonly table: string;
  readonly id?: string;
  /** Absent for writes of the engine's own. */
  readonly function?: string;
}

interface Listed {
  readonly total: number;
  readonly queries: readonly LiveQuery[];
}

export function LiveView() {
  const answer = useReport<{ app: Listed; inspector: Listed }>("liveQueries", {}, 1000);
  const [whose, setWhose] = useState<"app" | "inspector">("app");
  const [search, setSearch] = useState("");
  if (answer.kind !== "ok") return <Pending answer={answer} what="live queries" />;
  const { app, inspector } = answer.value;
  const shown = answer.value[whose];
  const found = shown.queries.filter((each) =>
    nameOf(each).toLowerCase().includes(search.toLowerCase()),
  );
  return (
    <section class="main main-wide" aria-label="Live queries">
      <div class="toolbar">
        <input
          type="search"
          data-search
          placeholder="Search live queries"
          aria-label="Search live queries"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <Choice
          label="Whose"
          options={[
            { value: "app", text: `App ${app.total}` },
            { value: "inspector", text: `Inspector ${inspector.total}` },
          ]}
          value={whose}
          onChange={setWhose}
        />
      </div>
      {found.length === 0 ? (
        <Empty title={shown.total === 0 ? "Nobody is subscribed." : "No live query matches."}>
          {shown.total === 0 && "Queries that clients listen to appear here."}
        </Empty>
      ) : (
        <ul class="cards" onKeyDown={moveInList}>
          {found.map((query) => (
            <Card key={nameOf(query)} query={query} />
          ))}
        </ul>
      )}
      {shown.total > shown.queries.length && (
        <p class="muted">
          The {shown.queries.length} that ran most often, of {shown.total.toLocaleString()}.
        </p>
      )}
    </section>
  );
}

function nameOf({ component, function: name, args }: LiveQuery): string {
  const path = component === "" ? name : `${component}/${name}`;
  return `${path} ${printText(jsonToConvex(args), "")}`;
}

function Card({ query }: { query: LiveQuery }) {
  const { function: name, component, args, subscribers, reads, rerunCount, reruns } = query;
  return (
    <li class="card">
      <details>
        <summary data-item>
          <span class="source">{component === "" ? name : `${component}/${name}`}</span>
          <code class="muted args">{printText(jsonToConvex(args), "")}</code>
          <span class="tag">
            {subscribers} {subscribers === 1 ? "subscriber" : "subscribers"}
          </span>
          <span class="tag">
            {rerunCount} {rerunCount === 1 ? "re-run" : "re-runs"}
          </span>
          {query.usesIdentity && <span class="tag">by caller</span>}
        </summary>
        <h3>Reads</h3>
        <ul class="plain">
          {reads.length === 0 && <li class="muted">Nothing: no commit can change it.</li>}
          {reads.map((text) => (
            <li key={text}>
              <code>{text}</code>
            </li>
          ))}
        </ul>
        {reruns.length > 0 && <h3>Ran again because of</h3>}
        <ul class="plain">
          {[...reruns].reverse().map(({ because, changed }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they have nothing else to tell them apart
            <li key={i}>
              {because.length === 0 && "Time passing"}
              {because.map((touch) => (
                <Cause key={`${touch.ts} ${touch.id} ${touch.table}`} touch={touch} />
              ))}
              {!changed && <span class="muted">The result was the same: nobody was told.</span>}
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

const CHANGES = {
  insert: "inserted",
  update: "changed",
  delete: "deleted",
  createTable: "made the table",
} as const;

function Cause({ touch: { function: name, change, table, id, read } }: { touch: Touch }) {
  return (
    <p>
      <span class="source">{name ?? "a write"}</span> {CHANGES[change]}{" "}
      {id === undefined ? table : <code>{`${table} ${id}`}</code>}
      <br />
      <code class="muted">{read}</code>
    </p>
  );
}
