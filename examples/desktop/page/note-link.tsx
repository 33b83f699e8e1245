import type { Note } from "./notes";

interface NoteLinkProps {
  readonly note: Note;
  readonly isChosen: boolean;
  readonly choose: (id: Note["_id"]) => void;
}

export function NoteLink({ note, isChosen, choose }: NoteLinkProps) {
  return (
    <button type="button" className="link" aria-current={isChosen} onClick={() => choose(note._id)}>
      <strong>
        {note.isPinned && <span className="pin">● </span>}
        {note.title}
      </strong>
      <span className="snippet">{note.body || "Empty"}</span>
    </button>
  );
}
