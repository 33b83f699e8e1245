/** @jsxImportSource preact */
/** What a view shows when it has nothing to show: not yet, nothing there, or something wrong. */
import type { ComponentChildren } from "preact";
import type { Answer } from "./use-query";

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

export function Problem({ message }: { message: string }) {
  return (
    <div class="problem" role="alert">
      {message}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      {what}
    </div>
  );
}

/** What of an answer is no value. */
export function Pending({ answer, what }: { answer: Answer<unknown>; what: string }) {
  if (answer.kind === "error") return <Problem message={answer.message} />;
  return answer.kind === "loading" ? <Loading what={`Loading ${what} …`} /> : null;
}
