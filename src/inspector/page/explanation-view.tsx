/** @jsxImportSource preact */
/** What a function did to the database, as `backend.explain` tells it. */
import { Fragment } from "preact";
import { jsonToConvex } from "../../values/convex-json";
import type { JSONValue } from "../../values/value";
import { Problem } from "./notice";
import { ValueView } from "./value-view";

/** An `Explanation` as JSON. */
export interface PlainExplanation {
  readonly result:
    | { readonly ok: true; readonly value: JSONValue }
    | { readonly ok: false; readonly error: string };
  readonly reads: readonly { readonly text: string }[];
  readonly warnings: readonly { readonly message: string }[];
  readonly cache: { readonly hit: boolean; readonly reason: string };
  readonly usesIdentity: boolean;
  readonly usesTime: boolean;
  readonly durationMs: number;
  readonly limits?: Readonly<Record<string, { readonly used: number; readonly limit: number }>>;
}

export function ExplanationView({ explanation }: { explanation: PlainExplanation }) {
  const { result, reads, warnings, cache, usesIdentity, usesTime, durationMs } = explanation;
  return (
    <section class="outcome">
      <h3>
        Explanation<small class="muted"> {durationMs.toFixed(1)} ms, nothing committed</small>
      </h3>
      {warnings.map(({ message }) => (
        <p class="warning" key={message}>
          {message}
        </p>
      ))}
      <h3>Reads</h3>
      {reads.length === 0 ? (
        <p class="muted">Nothing.</p>
      ) : (
        <ul class="plain">
          {reads.map(({ text }) => (
            <li key={text}>
              <code>{text}</code>
            </li>
          ))}
        </ul>
      )}
      <p class="muted">
        {cache.hit ? "The cache would have answered" : "The cache would not have answered"} (
        {cache.reason}).{usesIdentity && " It asks who calls."}
        {usesTime && " It asks what time it is."}
      </p>
      <Limits explanation={explanation} />
      <h3>Result</h3>
      {result.ok ? (
        <ValueView value={jsonToConvex(result.value)} />
      ) : (
        <Problem message={result.error} />
      )}
    </section>
  );
}

function Limits({ explanation: { limits } }: { explanation: PlainExplanation }) {
  const used = Object.entries(limits ?? {}).filter(([, { used: amount }]) => amount > 0);
  if (used.length === 0) return null;
  return (
    <dl class="facts">
      {used.map(([name, { used: amount, limit }]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            {amount.toLocaleString()} of {limit.toLocaleString()}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
