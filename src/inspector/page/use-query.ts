/** Queries and reports of the inspector's own, as views use them. */
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Value } from "../../values/value";
import { BackendContext } from "./page-backend";
import { useStore } from "./store";
import { printText } from "./value-text";

export type Answer<T> =
  | { readonly kind: "loading" }
  | {
      readonly kind: "ok";
      readonly value: T /** Of what was asked before. */;
      readonly isOld: boolean;
    }
  | { readonly kind: "error"; readonly message: string };

type Args = Record<string, Value | undefined>;

const LOADING = { kind: "loading" } as const;

/** The query's answer, live. While other arguments are asked for, the answer to the last ones. */
export function useQuery<T>(name: string, given: Args): Answer<T> {
  const backend = useContext(BackendContext);
  const [answer, setAnswer] = useState<Answer<T>>(LOADING);
  const args = useSame(given);
  useEffect(() => {
    setAnswer((last) => (last.kind === "ok" ? { ...last, isOld: true } : LOADING));
    return backend.follow<T>(
      name,
      args,
      (value) => setAnswer({ kind: "ok", value, isOld: false }),
      (error) => setAnswer({ kind: "error", message: messageOf(error) }),
    );
  }, [backend, name, args]);
  return answer;
}

/** A report, asked for again every `everyMs` as long as somebody looks at the page. */
export function useReport<T>(name: string, given: Args, everyMs?: number): Answer<T> {
  const backend = useContext(BackendContext);
  const [answer, setAnswer] = useState<Answer<T>>(LOADING);
  // What was asked when the connection broke has no answer: it is asked again on the next one.
  const { kind } = useStore(backend.state);
  const isAsking = useRef(false);
  const args = useSame(given);
  useEffect(() => {
    if (kind !== "open") return;
    let isOver = false;
    const ask = async () => {
      if (isAsking.current || document.hidden) return;
      isAsking.current = true;
      const next = await backend.act<string>(name, args).then(parsed<T>, failed);
      isAsking.current = false;
      if (!isOver) setAnswer(next);
    };
    void ask();
    const timer = everyMs === undefined ? undefined : setInterval(ask, everyMs);
    return () => {
      isOver = true;
      isAsking.current = false;
      clearInterval(timer);
    };
  }, [backend, name, args, everyMs, kind]);
  return answer;
}

/** The same object for as long as it holds the same. */
function useSame(args: Args): Args {
  const text = printText(args as Value, "");
  const kept = useRef({ text, args });
  if (kept.current.text !== text) kept.current = { text, args };
  return kept.current.args;
}

function parsed<T>(text: string): Answer<T> {
  return { kind: "ok", value: JSON.parse(text), isOld: false };
}

function failed(error: Error): Answer<never> {
  return { kind: "error", message: messageOf(error) };
}

/** What a function's caller is told, without what Convex's client puts before it. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/^\[CONVEX \w\(.*?\)\] /, "")
    .replace(/\s*Called by client\s*$/, "")
    .trim();
}
