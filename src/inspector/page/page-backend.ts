/** The backend as the page has it: Convex's own client over the page's link, and what it hears. */
import { ConvexClient } from "convex/browser";
import { createContext } from "preact";
import type { Value } from "../../values/value";
import type { CommitLine, LogLine } from "../wire";
import { History } from "./history";
import { type LinkState, PageLink } from "./page-link";
import { Store } from "./store";

export type Identity = Readonly<Record<string, Value>>;

/** What `setAdminAuth` of the client takes; its types leave it out. */
interface AdminClient {
  setAdminAuth(key: string, identity?: Identity): void;
}

/** As the server's sessions expect it (`inspection.ts`). What lets the page in is its own key. */
const SESSION_KEY = "inspector";

const SHOWN_LOGS = 2000;
const SHOWN_COMMITS = 500;

const silent = { logVerbose() {}, log() {}, warn() {}, error() {} };

export interface PageBackendOptions {
  /** Sends a request to where the page came from. */
  readonly post: (init: RequestInit) => Promise<Response>;
  readonly key: string;
}

/** Convex's client wants one; nothing is ever sent there. */
const NOWHERE = "http://inspector.localhost";

export class PageBackend {
  readonly state = new Store<LinkState>({ kind: "connecting" });
  /** The backend's own URL. */
  readonly url = new Store("");
  readonly logs = new History<LogLine>(SHOWN_LOGS);
  readonly commits = new History<CommitLine>(SHOWN_COMMITS);
  readonly #link: PageLink;
  readonly #client: ConvexClient;

  constructor({ post, key }: PageBackendOptions) {
    this.#link = new PageLink({
      post,
      key,
      onState: (state) => {
        this.state.value = state;
      },
      onLine: (line) => {
        if (line.type === "hello") this.url.value = line.url;
        else if (line.type === "logs") this.logs.add(line.entries, line.dropped);
        else this.commits.add(line.entries, line.dropped);
      },
    });
    this.#client = this.connect(undefined);
  }

  /**
   * A client of its own, with a session of its own.
   * @param identity the user to act as
   * @param onMessage is told of every message it gets
   */
  connect(identity: Identity | undefined, onMessage?: (text: string) => void): ConvexClient {
    const client = new ConvexClient(NOWHERE, {
      webSocketConstructor: this.#link.socketClass(onMessage),
      skipConvexDeploymentUrlCheck: true,
      unsavedChangesWarning: false,
      logger: silent,
    });
    (client.client as unknown as AdminClient).setAdminAuth(SESSION_KEY, identity);
    return client;
  }

  /** Follows a query of the inspector's own. @returns ends it */
  follow<T>(
    name: string,
    args: Record<string, Value | undefined>,
    onValue: (value: T) => void,
    onError: (error: Error) => void,
  ): () => void {
    const query = `_system/inspector:${name}` as never;
    return this.#client.onUpdate(query, args as never, onValue as never, onError);
  }

  /** Calls an action of the inspector's own. */
  act<T>(name: string, args: Record<string, Value | undefined>): Promise<T> {
    const action = `_system/inspector:${name}` as never;
    return this.#client.action(action, args as never) as Promise<T>;
  }

  end(): void {
    this.#link.end();
    void this.#client.close();
  }
}

export const BackendContext = createContext<PageBackend>(undefined as never);
