/** @jsxImportSource preact */
/** All tables with their counts, and the rows of one. */
import { useContext, useEffect, useState } from "preact/hooks";
import { moveInList } from "./keyboard";
import { Empty, Pending } from "./notice";
import { BackendContext } from "./page-backend";
import { go, hrefOf, useRoute } from "./route";
import { RowsPanel } from "./rows-panel";
import { useStore } from "./store";
import { type ComponentTables, keyOf, type TableInfo } from "./table-info";
import { useQuery } from "./use-query";

export function TablesView() {
  const answer = useQuery<ComponentTables[]>("tables", { seen: useUnknownTables() });
  const { selected } = useRoute();
  if (answer.kind !== "ok") return <Pending answer={answer} what="tables" />;
  const all = answer.value.flatMap(({ component, tables }) =>
    tables.map((table) => ({ component, table })),
  );
  const shown = all.find(({ component, table }) => keyOf(component, table) === selected) ?? all[0];
  if (shown === undefined) return <Empty title="There are no tables." />;
  const key = keyOf(shown.component, shown.table);
  return (
    <div class="split">
      <TableList components={answer.value} selected={key} />
      <select
        class="split-select"
        aria-label="Table"
        value={key}
        onChange={(event) => go("tables", event.currentTarget.value)}
      >
        {all.map(({ component, table }) => (
          <option key={keyOf(component, table)} value={keyOf(component, table)}>
            {keyOf(component, table)} ({table.count.toLocaleString()})
          </option>
        ))}
      </select>
      <RowsPanel key={key} component={shown.component} table={shown.table} />
    </div>
  );
}

function TableList({
  components,
  selected,
}: {
  components: readonly ComponentTables[];
  selected: string;
}) {
  return (
    <nav class="side" aria-label="Tables" onKeyDown={moveInList}>
      {components.map(({ component, tables }) => (
        <section key={component}>
          {components.length > 1 && <h2>{component === "" ? "app" : component}</h2>}
          <ul>
            {tables.map((table) => (
              <li key={table.name}>
                <TableLink component={component} table={table} selected={selected} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function TableLink({
  component,
  table,
  selected,
}: {
  component: string;
  table: TableInfo;
  selected: string;
}) {
  const key = keyOf(component, table);
  return (
    <a
      data-item
      href={hrefOf("tables", key)}
      class={table.isSystem ? "side-item muted" : "side-item"}
      aria-current={key === selected ? "true" : undefined}
    >
      <span class="name">{table.name}</span>
      <span class="count">{table.count.toLocaleString()}</span>
    </a>
  );
}

/** Another number whenever a commit tells of a table that none was told of before. */
function useUnknownTables(): number {
  const backend = useContext(BackendContext);
  const commits = useStore(backend.commits.entries);
  const [known] = useState(() => new Set<string>());
  const [seen, setSeen] = useState(0);
  useEffect(() => {
    const last = commits.at(-1)?.item;
    const fresh = last?.changes.filter(
      ({ component, table }) => !known.has(`${component}/${table}`),
    );
    if (fresh === undefined || fresh.length === 0) return;
    for (const { component, table } of fresh) known.add(`${component}/${table}`);
    setSeen((value) => value + 1);
  }, [commits, known]);
  return seen;
}
