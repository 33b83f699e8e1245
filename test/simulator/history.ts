/** What happened in a simulated world, as far as somebody has to judge it. Data only. */
import type { Birth } from "./model";
import type { Program } from "./step";

/** One execution of a handler, committed or not. */
export interface Execution {
  readonly n: number;
  readonly kind: "mutation" | "action";
  readonly program: Program;
  /** Who asked for it: one tag may run several times, but must happen once. */
  readonly tag: string;
  /** The backend it runs in. */
  readonly line: Line;
  readonly life: number;
  /** Commits that were visible when it began. */
  readonly snapshot: number;
  readonly beganMs: number;
  /** What `Date.now()` said in it. */
  readonly nowMs: number;
  readonly births: Map<string, Birth>;
  /** Of the job that it runs as. */
  readonly ticket: string | undefined;
  /** The execution of the action that called it. */
  readonly caller: Execution | undefined;
  /** Jobs it asked to be canceled, in transactions of their own. */
  readonly canceled: Set<string>;
  /** Mutations it called that were said to have happened. */
  readonly acknowledged: string[];
  hasWritten: boolean;
  end: "running" | "returned" | "failed";
  seen: string;
}

export interface Change {
  readonly table: string;
  readonly id: string;
  readonly before: Document;
  readonly after: Document;
}

export type Commit =
  /** What a backend told of. */
  | {
      readonly kind: "published";
      readonly ts: bigint;
      readonly changes: readonly Change[];
      readonly life: number;
    }
  /** What a crash left on the disk: perhaps more than anybody had been told of. */
  | {
      readonly kind: "found";
      readonly ts: bigint;
      /** Executions whose commits nobody had heard of, in order. */
      readonly marks: readonly number[];
      readonly image: DiskImage;
      readonly life: number;
    };

/** What is on the disk. */
export interface DiskImage {
  readonly items: readonly Document[];
  readonly jobs: readonly Document[];
  readonly crons: readonly Document[];
}

// biome-ignore lint/suspicious/noExplicitAny: documents of any table, looked at field by field
export type Document = any;

/** One backend, through all its lives; a fork is another, and so is one beside it. */
export interface Line {
  readonly name: string;
  readonly commits: Commit[];
  /** What it began with. */
  readonly origin: { readonly line: Line; readonly commits: number } | undefined;
}

/** What somebody was told about a call. */
export interface Reply {
  readonly tag: string;
  readonly line: Line;
  readonly life: number;
  readonly program: Program;
  readonly kind: "query" | "mutation" | "action";
  /** Commits that were visible when it was asked for, and when the reply came. */
  readonly asked: number;
  heard: number;
  /** `lost`: the backend crashed, or its disk failed. Nobody knows. */
  outcome: "open" | "returned" | "failed" | "lost";
  seen: string;
}

export interface Delivery {
  readonly seen: string;
  readonly hasFailed: boolean;
  /** Commits visible when it came. */
  readonly heard: number;
}

/** A subscription of the embedder's, as long as its backend lived. */
export interface Watch {
  readonly line: Line;
  readonly life: number;
  readonly program: Program;
  readonly since: number;
  readonly deliveries: Delivery[];
  isEnded: boolean;
}

/** A client's state after a transition: everything it knows, as of one moment. */
export interface ClientView {
  readonly client: number;
  readonly ts: bigint;
  readonly heard: number;
  readonly results: readonly {
    readonly program: Program;
    readonly seen: string;
    readonly hasFailed: boolean;
  }[];
}

export interface History {
  readonly main: Line;
  readonly lines: Line[];
  readonly executions: Execution[];
  readonly replies: Reply[];
  readonly watches: Watch[];
  readonly views: ClientView[];
  /** What clients know at the very end. */
  readonly lastViews: Omit<ClientView, "ts" | "heard">[];
  /** What was on the disk at the very end. */
  end: DiskImage | undefined;
  /** What was wrong the moment it happened. */
  readonly violations: string[];
  /** For people. */
  readonly events: string[];
}

export function createHistory(): History {
  const main: Line = { name: "main", commits: [], origin: undefined };
  return {
    main,
    lines: [main],
    executions: [],
    replies: [],
    watches: [],
    views: [],
    lastViews: [],
    end: undefined,
    violations: [],
    events: [],
  };
}
