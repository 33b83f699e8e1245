// One note. Its fields are bound to the database: every key is a mutation, shown at once by an
// optimistic update and confirmed by the live query.

import { useMutation } from "convex/react";
import { api } from "./api";
import type { Note } from "./notes";

interface EditorProps {
  readonly note: Note;
  readonly search: string;
}

export function Editor({ note, search }: EditorProps) {
  const remove = useMutation(api.notes.remove);
  const write = useMutation(api.notes.write).withOptimisticUpdate((store, { id, ...changes }) => {
    const notes = store.getQuery(api.notes.list, { search });
    const update = (each: Note) => (each._id === id ? { ...each, ...changes } : each);
    if (notes !== undefined) store.setQuery(api.notes.list, { search }, notes.map(update));
  });
  const id = note._id;
  return (
    <article>
      <header>
        <input
          aria-label="Title"
          value={note.title}
          onChange={(event) => void write({ id, title: event.target.value })}
        />
        <button
          type="button"
          aria-pressed={note.isPinned}
          onClick={() => void write({ id, isPinned: !note.isPinned })}
        >
          {note.isPinned ? "Unpin" : "Pin"}
        </button>
        <button type="button" onClick={() => void remove({ id })}>
          Delete
        </button>
      </header>
      <textarea
        aria-label="Text"
        placeholder="Write…"
        value={note.body}
        onChange={(event) => void write({ id, body: event.target.value })}
      />
    </article>
  );
}
