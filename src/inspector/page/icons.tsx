/** @jsxImportSource preact */
/** The views' signs. */
import type { View } from "./route";

const PATHS: Readonly<Record<View, string>> = {
  tables: "M3 5h18v14H3zM3 10h18M3 14.5h18M9 10v9",
  functions: "M8 4c-3 0-1 8-5 8 4 0 2 8 5 8M16 4c3 0 1 8 5 8-4 0-2 8-5 8",
  logs: "M4 6h16M4 10h11M4 14h16M4 18h8",
  schedule: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3.5 2",
  live: "M3 12h4l3-8 4 16 3-8h4",
  commits: "M12 3v5m0 8v5m0-13a4 4 0 1 0 0 8 4 4 0 0 0 0-8",
};

export function Icon({ view }: { view: View }) {
  return (
    <svg viewBox="0 0 24 24" class="icon" aria-hidden="true">
      <path d={PATHS[view]} />
    </svg>
  );
}
