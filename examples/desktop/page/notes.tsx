// The window: the list at the side, the chosen note beside it.

import { useConvexConnectionState, useMutation, useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { type FormEvent, useState } from "react";
import { api } from "./api";
import { Editor } from "./editor";
import { NoteLink } from "./note-link";

export type Note = FunctionReturnType<typeof api.notes.list>[number];

export function Notes() {
  const [search, setSearch] = useState("");
  const [chosenId, choose] = useState<Note["_id"]>();
  const notes = useQuery(api.notes.list, { search });
  const chosen = notes?.find(({ _id }) => _id === chosenId) ?? notes?.[0];
  return (
    <div className="window">
      <nav aria-label="Notes">
        <input
          type="search"
          aria-label="Search"
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <ul>
          {notes?.map((note) => (
            <li key={note._id}>
              <NoteLink note={note} isChosen={note === chosen} choose={choose} />
            </li>
          ))}
        </ul>
        <Add choose={choose} />
        <Connection />
      </nav>
      <main>
        {chosen !== undefined && <Editor key={chosen._id} note={chosen} search={search} />}
        {notes?.length === 0 && (
          <p className="empty">{search === "" ? "Nothing noted yet." : "No note says that."}</p>
        )}
      </main>
    </div>
  );
}

function Add({ choose }: { readonly choose: (id: Note["_id"]) => void }) {
  const add = useMutation(api.notes.add);
  const submit = async (form: HTMLFormElement) => {
    const title = String(new FormData(form).get("title")).trim();
    // Now, and not when React has time: the next title may be on its way.
    form.reset();
    if (title !== "") choose(await add({ title }));
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void submit(event.currentTarget);
  };
  return (
    <form onSubmit={onSubmit}>
      <input name="title" aria-label="New note" placeholder="New note" autoComplete="off" />
      <button type="submit">Add</button>
    </form>
  );
}

/** The backend is a process of its own, which may end without the window. */
function Connection() {
  const { isWebSocketConnected, inflightMutations } = useConvexConnectionState();
  return (
    <p className="connection" role="status">
      {isWebSocketConnected ? "" : `Reconnecting… ${inflightMutations} unsaved`}
    </p>
  );
}
