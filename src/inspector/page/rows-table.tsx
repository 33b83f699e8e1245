/** @jsxImportSource preact */
/** Documents as a table. What has changed since it was last drawn lights up. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { moveInList } from "./keyboard";
import type { Row, RowsPage } from "./table-info";
import { dateText } from "./time-text";
import { printText } from "./value-text";
import { ValueLine } from "./value-view";

export interface RowsTableProps {
  readonly page: RowsPage;
  /** Of what was asked for before. */
  readonly isOld: boolean;
  /** Columns to begin with. */
  readonly fields: readonly string[];
  readonly openedId: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly empty: ComponentChildren;
}

const MAX_COLUMNS = 24;

export function RowsTable({ page, isOld, fields, openedId, onOpen, empty }: RowsTableProps) {
  const changed = useChanged(page.rows, isOld);
  if (page.rows.length === 0) return <>{empty}</>;
  const columns = columnsOf(page.rows, fields);
  return (
    <div class={isOld ? "table-scroll is-old" : "table-scroll"}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={moveInList}>
          {page.rows.map((row, i) => (
            <tr
              key={row._id}
              data-item
              tabIndex={row._id === openedId || (openedId === undefined && i === 0) ? 0 : -1}
              aria-selected={row._id === openedId}
              class={changed.has(row._id) ? "changed" : undefined}
              onClick={() => onOpen(row._id)}
              onKeyDown={(event) => {
                if (event.key === "Enter") onOpen(row._id);
              }}
            >
              {columns.map((column) => (
                <td key={column}>
                  {column === "_creationTime" ? (
                    <span class="muted">{dateText(row._creationTime)}</span>
                  ) : (
                    <ValueLine value={row[column]} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The schema's first, then what the documents have besides, the system's last. */
function columnsOf(rows: readonly Row[], fields: readonly string[]): string[] {
  const found = new Set(fields);
  for (const row of rows) for (const field of Object.keys(row)) found.add(field);
  found.delete("_id");
  found.delete("_creationTime");
  return ["_id", ...[...found].slice(0, MAX_COLUMNS), "_creationTime"];
}

/** Ids of rows that are new or other than in the page drawn before, if that was the same page. */
function useChanged(rows: readonly Row[], isOld: boolean): ReadonlySet<string> {
  const before = useRef<ReadonlyMap<string, string> | undefined>(undefined);
  const changed = new Set<string>();
  const now = new Map(rows.map((row) => [row._id, printText(row, "")]));
  if (!isOld && before.current !== undefined) {
    for (const [id, text] of now) if (before.current.get(id) !== text) changed.add(id);
  }
  useEffect(() => {
    before.current = isOld ? undefined : now;
  });
  return changed;
}
