/** @jsxImportSource preact */
/** Starts the page. The key comes from the URL's fragment (`#key=…`), from this tab, or is asked for. */
import { render } from "preact";
import { App } from "./app";

const KEPT = `invex-inspector-key:${location.pathname}`;

function takeKey(): string {
  const [, given] = /^#key=(.*)$/.exec(location.hash) ?? [];
  if (given === undefined) return sessionStorage.getItem(KEPT) ?? "";
  // It is to be seen no longer than needed.
  history.replaceState(null, "", location.pathname);
  return decodeURIComponent(given);
}

render(
  <App
    post={(init) => fetch(location.pathname, init)}
    firstKey={takeKey()}
    onKey={(key) => sessionStorage.setItem(KEPT, key)}
  />,
  document.getElementById("app") as HTMLElement,
);
