// Where one writes. Enter sends, Shift+Enter breaks the line. A refused message comes back to be
// mended, with the server's reason. How long one may be is the server's business: this only warns.

import { ConvexError } from "convex/values";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { useSend } from "./use-send";

const LONG = 280;

export function Composer({ author }: { readonly author: string }) {
  const [draft, setDraft] = useState("");
  const [problem, setProblem] = useState("");
  const send = useSend();

  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    const body = draft.trim();
    if (body === "") return;
    setDraft("");
    setProblem("");
    try {
      await send({ author, body });
    } catch (error) {
      setProblem(reasonOf(error));
      setDraft((written) => (written === "" ? body : written));
    }
  };
  const sendOnEnter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void submit();
  };
  return (
    <form className="composer" onSubmit={submit}>
      <p className="problem" role="alert">
        {problem}
      </p>
      <textarea
        aria-label="Message"
        placeholder="Say something"
        rows={1}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={sendOnEnter}
      />
      <button type="submit" disabled={draft.trim() === ""}>
        Send
      </button>
      <span className="count" data-over={draft.length > LONG}>
        {draft.length > LONG - 60 && `${draft.length} of ${LONG}`}
      </span>
    </form>
  );
}

function reasonOf(error: unknown): string {
  return error instanceof ConvexError ? String(error.data) : "That could not be sent.";
}
