/** @jsxImportSource preact */
/** Asks for the key. It stays in this tab, and goes nowhere but to where the page came from. */
import { useRef } from "preact/hooks";
import { Problem } from "./notice";

export interface LoginProps {
  /** Why the last one was refused. */
  readonly error: string;
  readonly wasGiven: boolean;
  readonly onKey: (key: string) => void;
}

export function Login({ error, wasGiven, onKey }: LoginProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <main class="login">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (input.current !== null) onKey(input.current.value.trim());
        }}
      >
        <h1>Invex inspector</h1>
        <p class="muted">Whoever has the key can read and change everything in this backend.</p>
        <label class="field">
          <span>Key</span>
          <input ref={input} type="password" autocomplete="current-password" autofocus required />
        </label>
        {wasGiven && <Problem message={error} />}
        <button type="submit" class="primary">
          Open
        </button>
      </form>
    </main>
  );
}
