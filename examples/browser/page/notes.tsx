// All notes, a field to search them and one to write the next.

import { useMutation, useQuery } from "convex/react";
import { useState } from "react";
import { api } from "./backend";
import { Bin } from "./bin";
import { Note } from "./note";

export function Notes() {
  const [search, setSearch] = useState("");
  const notes = useQuery(api.notes.list, { search });
  return (
    <>
      <header>
        <h1>Notes</h1>
        <input
          type="search"
          aria-label="Search"
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </header>
      <main>
        <Add />
        <ul className="notes" aria-label="Notes">
          {notes?.map((note) => (
            <Note key={note._id} note={note} search={search} />
          ))}
        </ul>
        {notes?.length === 0 && (
          <p className="empty">{search === "" ? "Nothing noted yet." : "No note says that."}</p>
        )}
      </main>
      <Bin />
    </>
  );
}

function Add() {
  const add = useMutation(api.notes.add);
  const submit = (form: FormData) => {
    const text = String(form.get("text")).trim();
    if (text !== "") void add({ text });
  };
  return (
    <form className="add" action={submit}>
      <input name="text" aria-label="New note" placeholder="Note something" autoComplete="off" />
      <button type="submit">Add</button>
    </form>
  );
}
