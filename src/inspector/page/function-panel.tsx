/** @jsxImportSource preact */
/** One function: what it takes, a form to call it, and what came of that. */
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Value } from "../../values/value";
import { ExplanationView, type PlainExplanation } from "./explanation-view";
import { type FunctionChoice, functionKey } from "./function-info";
import { type RunOutcome, runFunction } from "./function-run";
import { Problem } from "./notice";
import { BackendContext, type Identity } from "./page-backend";
import { readValue } from "./read-value";
import { messageOf } from "./use-query";
import { sampleText, typeText } from "./validator-text";
import { ValueView } from "./value-view";

type Shown =
  | { readonly kind: "running" }
  | { readonly kind: "outcome"; readonly outcome: RunOutcome; readonly isLive: boolean }
  | { readonly kind: "explanation"; readonly explanation: PlainExplanation }
  | { readonly kind: "problem"; readonly message: string };

export function FunctionPanel({ choice }: { choice: FunctionChoice }) {
  const { fn } = choice;
  return (
    <section class="main" aria-label={functionKey(choice)}>
      <h2 class="title">
        {functionKey(choice)}{" "}
        <small class="muted">
          {fn.visibility} {fn.kind}
        </small>
      </h2>
      <pre class="signature">
        ({typeText(fn.args)}){fn.returns && ` → ${typeText(fn.returns)}`}
      </pre>
      {fn.kind === "httpAction" ? (
        <p class="muted">HTTP actions are called by requests to their routes.</p>
      ) : (
        <Caller choice={choice} />
      )}
    </section>
  );
}

function Caller({ choice }: { choice: FunctionChoice }) {
  const backend = useContext(BackendContext);
  const { kind } = choice.fn;
  const [argsText, setArgsText] = useState(() => sampleText(choice.fn.args));
  const [identityText, setIdentityText] = useState("");
  const [shown, setShown] = useState<Shown>();
  const stop = useRef<(() => void) | undefined>(undefined);
  useEffect(() => () => stop.current?.(), []);

  const withInput = (use: (args: Value, identity: Identity | undefined) => void) => {
    stop.current?.();
    stop.current = undefined;
    try {
      use(readValue(argsText), identityOf(identityText));
    } catch (error) {
      setShown({ kind: "problem", message: messageOf(error) });
    }
  };
  const run = (isSubscription: boolean) =>
    withInput((args, identity) => {
      setShown({ kind: "running" });
      const request = { choice, args, identity, isSubscription };
      stop.current = runFunction(backend, request, (outcome) =>
        setShown({ kind: "outcome", outcome, isLive: isSubscription }),
      );
    });
  const explain = () =>
    withInput((args, identity) => {
      setShown({ kind: "running" });
      const named = { component: choice.component, function: choice.fn.path, kind };
      backend
        .act<string>("explain", { ...named, args, ...(identity && { identity }) })
        .then((text) => setShown({ kind: "explanation", explanation: JSON.parse(text) }))
        .catch((error) => setShown({ kind: "problem", message: messageOf(error) }));
    });
  const endSubscription = () => {
    stop.current?.();
    stop.current = undefined;
    setShown((last) => (last?.kind === "outcome" ? { ...last, isLive: false } : undefined));
  };
  const isLive = shown?.kind === "outcome" && shown.isLive;

  return (
    <>
      <label class="field">
        <span>Arguments</span>
        <textarea
          class="code"
          rows={Math.min(16, Math.max(3, argsText.split("\n").length))}
          spellcheck={false}
          value={argsText}
          onInput={(event) => setArgsText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(false);
          }}
        />
      </label>
      <details>
        <summary>Act as a user</summary>
        <textarea
          class="code"
          aria-label="Identity"
          rows={3}
          spellcheck={false}
          placeholder={'{ subject: "ada", name: "Ada" }'}
          value={identityText}
          onInput={(event) => setIdentityText(event.currentTarget.value)}
        />
      </details>
      <div class="buttons">
        <button type="button" class="primary" onClick={() => run(false)} title="Ctrl + Enter">
          Run
        </button>
        {kind === "query" && !isLive && (
          <button type="button" onClick={() => run(true)}>
            Subscribe
          </button>
        )}
        {isLive && (
          <button type="button" onClick={endSubscription}>
            Unsubscribe
          </button>
        )}
        {kind !== "action" && (
          <button type="button" onClick={explain}>
            Explain
          </button>
        )}
      </div>
      <div aria-live="polite">{shown && <ShownResult shown={shown} />}</div>
    </>
  );
}

function ShownResult({ shown }: { shown: Shown }) {
  switch (shown.kind) {
    case "running":
      return <p class="muted">Running …</p>;
    case "problem":
      return <Problem message={shown.message} />;
    case "explanation":
      return <ExplanationView explanation={shown.explanation} />;
    default:
      return <Outcome outcome={shown.outcome} isLive={shown.isLive} />;
  }
}

function Outcome({ outcome, isLive }: { outcome: RunOutcome; isLive: boolean }) {
  const { result, durationMs, logLines, updates } = outcome;
  return (
    <section class="outcome">
      <h3>
        {result.ok ? "Result" : "Error"}
        <small class="muted">
          {isLive ? ` live, ${updates} so far` : ` ${durationMs.toFixed(1)} ms`}
        </small>
      </h3>
      {result.ok ? (
        <ValueView value={result.value} />
      ) : (
        <>
          <Problem message={result.error} />
          {result.data !== undefined && <ValueView value={result.data} />}
        </>
      )}
      {logLines.length > 0 && (
        <>
          <h3>Log</h3>
          <pre class="lines">{logLines.join("\n")}</pre>
        </>
      )}
    </section>
  );
}

const ISSUER = "https://convex.test";

/** What is missing is filled in as `withIdentity` does: a test issuer, a subject. */
function identityOf(text: string): Identity | undefined {
  if (text.trim() === "") return undefined;
  const value = readValue(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("An identity is an object of claims.");
  }
  const claims = value as Record<string, Value>;
  const { issuer = ISSUER, subject = String(claims.name ?? "user") } = claims;
  return { tokenIdentifier: `${issuer}|${subject}`, ...claims, issuer, subject };
}
