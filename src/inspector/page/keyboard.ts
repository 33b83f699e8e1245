/** What the keyboard does everywhere, and in lists. */
import { useEffect } from "preact/hooks";
import { go, VIEWS } from "./route";

/** `/` goes to the view's search, `1` to `6` to a view, unless somebody is writing. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      const view = VIEWS[Number(event.key) - 1];
      if (event.key === "/") {
        const search = document.querySelector<HTMLElement>("[data-search]");
        if (search === null) return;
        event.preventDefault();
        search.focus();
      } else if (view !== undefined) go(view);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, last) => last,
};

/** Arrow keys, Home and End move through the elements with `data-item` of the list they are in. */
export function moveInList(event: KeyboardEvent): void {
  const step = STEPS[event.key];
  const list = event.currentTarget as HTMLElement;
  if (step === undefined || !(event.target as HTMLElement).closest("[data-item]")) return;
  const items = [...list.querySelectorAll<HTMLElement>("[data-item]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  event.preventDefault();
  items[step(at, items.length - 1)]?.focus();
}
