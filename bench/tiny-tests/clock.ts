// How long the tests of a file took, from the first to the last, told on a line of its own.
import { afterAll, beforeAll } from "vitest";

export function timed(): void {
  let startedAt = 0;
  let cpu: NodeJS.CpuUsage;
  beforeAll(() => {
    startedAt = performance.now();
    cpu = process.cpuUsage();
  });
  afterAll(() => {
    const ms = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    console.log(`TIMED ${JSON.stringify({ ms, cpuMs: (user + system) / 1000 })}`);
  });
}
