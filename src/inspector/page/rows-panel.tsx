/** @jsxImportSource preact */
/** The rows of one table, a page at a time, and the document that was opened. */
import { useState } from "preact/hooks";
import type { Value } from "../../values/value";
import { type Condition, splitConditions } from "./condition";
import { ConditionBar } from "./condition-bar";
import { DocumentPanel, NewDocumentPanel } from "./document-panel";
import { Empty, Pending } from "./notice";
import { RowsTable } from "./rows-table";
import type { RowsPage, TableInfo } from "./table-info";
import { type Answer, useQuery } from "./use-query";

const PAGE_SIZE = 50;

type Order = "asc" | "desc";

/** What is open beside the rows. */
type Opened = { readonly id: string } | "new" | undefined;

export interface RowsPanelProps {
  readonly component: string;
  readonly table: TableInfo;
}

export function RowsPanel({ component, table }: RowsPanelProps) {
  const [indexName, setIndexName] = useState("by_creation_time");
  const [order, setOrder] = useState<Order>("desc");
  const [conditions, setConditions] = useState<readonly Condition[]>([]);
  /** Where the pages before this one began. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState<Opened>();
  const index = table.indexes.find(({ name }) => name === indexName) ?? table.indexes[0];
  const { range, filters } = splitConditions(conditions, index?.fields ?? []);
  const answer = useQuery<RowsPage>("rows", {
    component,
    table: table.name,
    index: index?.name ?? "by_creation_time",
    order,
    range: range as unknown as Value,
    filters: filters as unknown as Value,
    after: cursors.at(-1) ?? null,
    limit: PAGE_SIZE,
  });
  const restart = (change: () => void) => {
    change();
    setCursors([]);
  };
  return (
    <div class={opened === undefined ? "rows" : "rows rows-opened"}>
      <section class="rows-main" aria-label={`Documents of ${table.name}`}>
        <div class="toolbar">
          <label>
            <span>Index</span>
            <select
              aria-label="Index"
              value={index?.name}
              onChange={(event) => {
                const { value } = event.currentTarget;
                restart(() => setIndexName(value));
              }}
            >
              {table.indexes.map(({ name, fields }) => (
                <option key={name} value={name} title={fields.join(", ")}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            aria-label={order === "desc" ? "Descending; turn round" : "Ascending; turn round"}
            title={order === "desc" ? "Descending" : "Ascending"}
            onClick={() => restart(() => setOrder(order === "desc" ? "asc" : "desc"))}
          >
            {order === "desc" ? "↓" : "↑"}
          </button>
          {!table.isSystem && (
            <button
              type="button"
              class="push"
              aria-label="New document"
              onClick={() => setOpened("new")}
            >
              New
            </button>
          )}
        </div>
        <ConditionBar
          conditions={conditions}
          byIndex={range}
          fields={[...new Set(["_id", ...(index?.fields ?? []), ...table.fields])]}
          onChange={(next) => restart(() => setConditions(next))}
        />
        {answer.kind !== "ok" ? (
          <Pending answer={answer} what="documents" />
        ) : (
          <RowsTable
            page={answer.value}
            isOld={answer.isOld}
            fields={table.fields}
            openedId={typeof opened === "object" ? opened.id : undefined}
            onOpen={(id) => setOpened({ id })}
            empty={<NoRows page={answer.value} isFiltered={conditions.length > 0} />}
          />
        )}
        <Pager answer={answer} cursors={cursors} onMove={setCursors} />
      </section>
      {opened === "new" && (
        <NewDocumentPanel
          component={component}
          table={table}
          onClose={() => setOpened(undefined)}
          onMade={(id) => setOpened({ id })}
        />
      )}
      {typeof opened === "object" && (
        <DocumentPanel
          key={opened.id}
          component={component}
          id={opened.id}
          onClose={() => setOpened(undefined)}
          onId={(id) => setOpened({ id })}
        />
      )}
    </div>
  );
}

function NoRows({ page, isFiltered }: { page: RowsPage; isFiltered: boolean }) {
  if (page.next !== null) return <Empty title="Nothing found so far. Look further below." />;
  if (isFiltered) return <Empty title="No document meets these conditions." />;
  return <Empty title="No documents yet.">They appear here as they are written.</Empty>;
}

function Pager({
  answer,
  cursors,
  onMove,
}: {
  answer: Answer<RowsPage>;
  cursors: readonly string[];
  onMove: (cursors: readonly string[]) => void;
}) {
  if (answer.kind !== "ok") return null;
  const { rows, scanned, next } = answer.value;
  const isCut = next !== null && rows.length < PAGE_SIZE;
  return (
    <div class="pager">
      <button
        type="button"
        disabled={cursors.length === 0}
        onClick={() => onMove(cursors.slice(0, -1))}
      >
        ← Back
      </button>
      <span class="muted" role="status">
        {rows.length === 0 ? "no rows" : `page ${cursors.length + 1}, ${rows.length} rows`}
        {(isCut || scanned > rows.length) && ` of ${scanned.toLocaleString()} looked at`}
      </span>
      <button
        type="button"
        disabled={next === null}
        onClick={() => next !== null && onMove([...cursors, next])}
      >
        {isCut ? "Look further" : "Next"} →
      </button>
    </div>
  );
}
