// What was just deleted, for as long as it can come back. A scheduled function, in this page as well,
// discards it: then this goes, because its query says so.

import { useMutation, useQuery } from "convex/react";
import { api } from "./backend";

export function Bin() {
  const count = useQuery(api.notes.binned) ?? 0;
  const takeBack = useMutation(api.notes.takeBack);
  return (
    <div className="bin" role="status">
      {count > 0 && (
        <>
          {count === 1 ? "Note deleted." : `${count} notes deleted.`}
          <button type="button" onClick={() => void takeBack()}>
            Undo
          </button>
        </>
      )}
    </div>
  );
}
