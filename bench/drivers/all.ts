/** Every driver by its name on the command line, in the order of the report; loaded when asked for. */

import type { Driver } from "../driver";

export const drivers: Readonly<Record<string, () => Promise<Driver>>> = {
  map: async () => (await import("./floor-map")).floorMap,
  floor: async () => (await import("./floor-btree")).floorBTree,
  "sqlite-disk": async () => (await import("./better-sqlite3")).sqliteDisk,
  invex: async () => (await import("./invex")).invex,
  "convex-test": async () => (await import("./convex-test")).convexTestDriver,
  tinybase: async () => (await import("./tinybase")).tinyBase,
  rxdb: async () => (await import("./rxdb")).rxdb,
  tanstack: async () => (await import("./tanstack-db")).tanStackDb,
  dexie: async () => (await import("./dexie")).dexie,
  "better-sqlite3": async () => (await import("./better-sqlite3")).betterSqlite3,
  loki: async () => (await import("./loki")).loki,
};

/** What `--quick` runs: the floors, Invex, and the two peers its users come from. */
export const quickDrivers = ["map", "floor", "invex", "convex-test", "tinybase"];
