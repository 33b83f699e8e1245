// A process that commits as fast as it can is killed with SIGKILL at random moments, again and again,
// on one file. INVEX_CRASHES says how often (40).

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Choices } from "../model/seeds";
import { SqliteFolder } from "./sqlite-files";

const CRASHES = Number(process.env.INVEX_CRASHES ?? 40);
const folder = new SqliteFolder();
const program = folder.file("child.mjs");
const data = folder.file("crash.db");

interface Found {
  readonly halves: number[];
  readonly notes: number[];
  readonly lastCreationTime: number;
}

type Line = { readonly found?: Found; readonly ts?: string; readonly acknowledged?: number };

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL("crash-child.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    // Native, so found where it is installed.
    plugins: [
      {
        name: "native",
        setup: (options) => {
          options.onResolve({ filter: /^better-sqlite3$/ }, () => ({
            path: fileURLToPath(import.meta.resolve("better-sqlite3")),
            external: true,
          }));
        },
      },
    ],
    tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
});
afterAll(() => folder.remove());

/** Runs one life. @param killAfter how many lines it may say before it is killed; it may say more */
function live(firstPair: number, killAfter: number, mode = "commit"): Promise<Line[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, data, String(firstPair), mode]);
    let text = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split("\n").length > killAfter) child.kill("SIGKILL");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on("close", (code, signal) => {
      if (signal !== "SIGKILL" && code !== 0) reject(new Error(`exit ${code}: ${errors}`));
      // The last line may have been cut off.
      const lines = text.split("\n").slice(0, -1);
      resolve(lines.map((line) => JSON.parse(line) as Line));
    });
  });
}

function counted(pairs: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const pair of pairs) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  return counts;
}

describe("a process that is killed while it commits", () => {
  it(`[PER12] ${CRASHES} times loses nothing it acknowledged, and keeps nothing by halves`, async () => {
    const choices = new Choices("crashes");
    const acknowledged = new Set<number>();
    let latest = { ts: 0n, creationTime: 0 };
    for (let crash = 0; crash <= CRASHES; crash++) {
      const isLast = crash === CRASHES;
      const lines = await live(
        crash * 100_000,
        2 + choices.below(60),
        isLast ? "settle" : "commit",
      );
      const [first, ...rest] = lines;
      const { halves, notes, lastCreationTime } = (first as { found: Found }).found;
      const pairs = counted(halves);
      for (const pair of acknowledged) expect(pairs.get(pair), `pair ${pair}`).toBe(2);
      expect([...pairs.values()].every((count) => count === 2)).toBe(true);
      expect([...counted(notes).values()].every((count) => count === 1)).toBe(true);
      expect(lastCreationTime).toBeGreaterThanOrEqual(latest.creationTime);
      latest = { ...latest, creationTime: lastCreationTime };
      for (const line of rest) {
        if (line.acknowledged !== undefined) acknowledged.add(line.acknowledged);
        if (line.ts === undefined) continue;
        expect(BigInt(line.ts)).toBeGreaterThan(latest.ts);
        latest = { ...latest, ts: BigInt(line.ts) };
      }
      if (!isLast) continue;
      // Every job has run once, however often the process died on it.
      const settled = lines.at(-1)?.found as Found;
      expect([...settled.notes].sort()).toEqual([...pairs.keys()].sort());
    }
    expect(acknowledged.size).toBeGreaterThan(CRASHES);
  }, 600_000);
});
