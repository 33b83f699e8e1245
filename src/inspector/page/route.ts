/** Where in the page one is, as the URL's fragment says: `#/tables/messages`. */
import { Store, useStore } from "./store";

export const VIEWS = ["tables", "functions", "logs", "schedule", "live", "commits"] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  readonly view: View;
  /** What is selected there. */
  readonly selected: string | undefined;
}

const route = new Store(read());
addEventListener("hashchange", () => {
  route.value = read();
});

export function useRoute(): Route {
  return useStore(route);
}

export function go(view: View, selected?: string): void {
  location.hash = hrefOf(view, selected);
}

export function hrefOf(view: View, selected?: string): string {
  return selected === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(selected)}`;
}

function read(): Route {
  const [, view, selected] = /^#\/(\w+)(?:\/(.*))?$/.exec(location.hash) ?? [];
  const known = VIEWS.find((each) => each === view) ?? "tables";
  return { view: known, selected: selected === undefined ? undefined : decoded(selected) };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
