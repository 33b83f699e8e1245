// One note. The text field is bound to the database: every key is a mutation, shown at once by an
// optimistic update and confirmed by the live query.

import { useMutation } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "./backend";

interface NoteProps {
  readonly note: FunctionReturnType<typeof api.notes.list>[number];
  readonly search: string;
}

export function Note({ note, search }: NoteProps) {
  const bin = useMutation(api.notes.bin);
  const write = useMutation(api.notes.write).withOptimisticUpdate((store, { id, text }) => {
    const notes = store.getQuery(api.notes.list, { search });
    if (notes === undefined) return;
    store.setQuery(
      api.notes.list,
      { search },
      notes.map((each) => (each._id === id ? { ...each, text } : each)),
    );
  });
  return (
    <li>
      <textarea
        aria-label="Note"
        value={note.text}
        onChange={(event) => void write({ id: note._id, text: event.target.value })}
      />
      <button
        type="button"
        aria-label={`Delete: ${note.text.slice(0, 40)}`}
        onClick={() => void bin({ id: note._id })}
      >
        ×
      </button>
    </li>
  );
}
