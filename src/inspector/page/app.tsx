/** @jsxImportSource preact */
/** The page around its views: where one can go, how the connection is, and the key when it is asked for. */
import type { ComponentType } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { CommitsView } from "./commits-view";
import { FunctionsView } from "./functions-view";
import { Icon } from "./icons";
import { useShortcuts } from "./keyboard";
import { LiveView } from "./live-view";
import { Login } from "./login";
import { LogsView } from "./logs-view";
import { BackendContext, PageBackend, type PageBackendOptions } from "./page-backend";
import type { LinkState } from "./page-link";
import { hrefOf, useRoute, VIEWS, type View } from "./route";
import { ScheduleView } from "./schedule-view";
import { useStore } from "./store";
import { TablesView } from "./tables-view";

const NAMES: Readonly<Record<View, string>> = {
  tables: "Tables",
  functions: "Functions",
  logs: "Logs",
  schedule: "Schedule",
  live: "Live",
  commits: "Commits",
};

const SHOWN: Readonly<Record<View, ComponentType>> = {
  tables: TablesView,
  functions: FunctionsView,
  logs: LogsView,
  schedule: ScheduleView,
  live: LiveView,
  commits: CommitsView,
};

export interface AppProps {
  readonly post: PageBackendOptions["post"];
  readonly firstKey: string;
  /** The key is right, to be kept for as long as the tab is there. */
  readonly onKey: (key: string) => void;
}

export function App({ post, firstKey, onKey }: AppProps) {
  const [key, setKey] = useState(firstKey);
  const [backend, setBackend] = useState(() => new PageBackend({ post, key: firstKey }));
  const state = useStore(backend.state);
  useEffect(() => {
    if (state.kind === "open") onKey(key);
  }, [state.kind, key, onKey]);
  if (state.kind === "locked") {
    const open = (given: string) => {
      backend.end();
      setKey(given);
      setBackend(new PageBackend({ post, key: given }));
    };
    return <Login error={state.error} wasGiven={key !== ""} onKey={open} />;
  }
  return (
    <BackendContext.Provider value={backend}>
      <Shell state={state} />
    </BackendContext.Provider>
  );
}

function Shell({ state }: { state: LinkState }) {
  useShortcuts();
  const { view } = useRoute();
  const url = useStore(useContext(BackendContext).url);
  const Shown = SHOWN[view];
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <header class="top">
        <h1>
          Invex <span>inspector</span>
        </h1>
        <span class="muted url">{url}</span>
        <Connection state={state} />
      </header>
      <nav class="views" aria-label="Views">
        {VIEWS.map((each, i) => (
          <a
            key={each}
            href={hrefOf(each)}
            aria-current={each === view ? "page" : undefined}
            title={`${NAMES[each]} (${i + 1})`}
          >
            <Icon view={each} />
            {NAMES[each]}
          </a>
        ))}
      </nav>
      <main id="content" class="content" tabIndex={-1}>
        {state.kind === "lost" && (
          <p class="banner" role="alert">
            {state.error} What you see is from before. Trying again …
          </p>
        )}
        <Shown />
      </main>
    </div>
  );
}

function skip(): void {
  document.getElementById("content")?.focus();
}

const CONNECTIONS = { connecting: "Connecting", open: "Live", lost: "Disconnected", locked: "" };

function Connection({ state }: { state: LinkState }) {
  return (
    <span class={`connection connection-${state.kind}`} role="status">
      {CONNECTIONS[state.kind]}
    </span>
  );
}
