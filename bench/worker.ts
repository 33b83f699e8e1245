/**
 * One workload with one driver, alone in a process, so that no library's garbage, compiled code or
 * AsyncLocalStorage slows another's rounds. Says `ready`, runs a round whenever the parent asks,
 * and leaves at `close`. Arguments: workload, driver, size, budget in milliseconds.
 */

import { drivers } from "./drivers/all";
import { type Prepared, Unfit, type Workload } from "./workload";
import { workloads } from "./workloads/all";

export type Request = "round" | "close";

export type Reply =
  | { readonly kind: "ready"; readonly answer: string; readonly note: string }
  | { readonly kind: "unfit"; readonly reason: string }
  | { readonly kind: "round"; readonly cost: number }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly error: string };

function reply(message: Reply): void {
  process.send?.(message);
}

async function prepare(
  workload: Workload,
  driverName: string,
  size: number,
  budgetMs: number,
): Promise<Prepared> {
  const load = drivers[driverName];
  if (load === undefined) throw new Error(`unknown driver ${driverName}`);
  const driver = await load();
  const reason = driver.skips?.[workload.id];
  if (reason !== undefined) throw new Unfit(reason);
  const prepared = await workload.prepare(driver, { size, budgetMs });
  reply({ kind: "ready", answer: prepared.answer, note: driver.note });
  return prepared;
}

async function main(): Promise<void> {
  const [workloadId, driverName, size, budgetMs] = process.argv.slice(2) as string[];
  const workload = workloads.find(({ id }) => id === workloadId);
  if (workload === undefined) throw new Error(`unknown workload ${workloadId}`);
  const prepared = await prepare(workload, String(driverName), Number(size), Number(budgetMs));
  process.on("message", (request: Request) => {
    answerTo(request, prepared).catch(fail);
  });
}

async function answerTo(request: Request, prepared: Prepared): Promise<void> {
  if (request === "round") {
    globalThis.gc?.();
    return reply({ kind: "round", cost: await prepared.round() });
  }
  await prepared.close();
  reply({ kind: "closed" });
  process.disconnect?.();
}

function fail(error: unknown): void {
  if (error instanceof Unfit) reply({ kind: "unfit", reason: error.message });
  else reply({ kind: "failed", error: error instanceof Error ? `${error.stack}` : String(error) });
}

main().catch(fail);
