import { describe, expect, it } from "vitest";
import { type DueEntry, DueQueue } from "../../src/scheduler/due-queue";
import { createRandom } from "../../src/shared/random";

const entry = (key: string, dueMs: number, sequence = 0): DueEntry<string> => ({
  key,
  dueMs,
  sequence,
  value: key,
});
const keys = (queue: DueQueue<string>) => [...queue.values()].map(({ key }) => key);

describe("DueQueue", () => {
  it("[JOB27] orders by due time, then sequence, then key", () => {
    const queue = DueQueue.of([
      entry("c", 20),
      entry("b2", 10, 2),
      entry("b1", 10, 1),
      entry("a", -5),
    ]);
    queue.set(entry("b0", 10, 1));
    queue.set(entry("fraction", 10.5));
    expect(keys(queue)).toEqual(["a", "b0", "b1", "b2", "fraction", "c"]);
    expect(queue.peek()?.key).toBe("a");
    expect(queue.size).toBe(6);
  });

  it("[JOB27] takes what is due, nothing earlier", () => {
    const queue = DueQueue.of([entry("now", 10), entry("later", 11)]);
    expect(queue.takeDue(9)).toBeUndefined();
    expect(queue.takeDue(10)?.key).toBe("now");
    expect(queue.takeDue(10)).toBeUndefined();
    expect(queue.takeDue(11)?.key).toBe("later");
    expect(queue.peek()).toBeUndefined();
  });

  it("[JOB27] setting a key again moves it, deleting it twice is harmless", () => {
    const queue = DueQueue.of([entry("a", 1), entry("b", 2)]);
    queue.set(entry("a", 3));
    expect(keys(queue)).toEqual(["b", "a"]);
    expect(queue.delete("a")?.dueMs).toBe(3);
    expect(queue.delete("a")).toBeUndefined();
    expect(queue.get("a")).toBeUndefined();
    expect(queue.get("b")?.dueMs).toBe(2);
  });

  it("[JOB27] a clone and its original do not see each other's changes", () => {
    const queue = DueQueue.of([entry("a", 1), entry("b", 2)]);
    const clone = queue.clone();
    queue.delete("a");
    clone.set(entry("c", 0));
    expect(keys(queue)).toEqual(["b"]);
    expect(keys(clone)).toEqual(["c", "a", "b"]);
  });

  it.each(["one", "two", "three"])("[JOB27] agrees with a sorted list (seed %s)", (seed) => {
    const random = createRandom(seed);
    const list = new Map<string, DueEntry<string>>();
    let queue = DueQueue.of<string>();
    for (let step = 0; step < 4_000; step++) {
      const key = `${random.uint32() % 300}`;
      if (random.next() < 0.6) {
        const due = entry(key, (random.uint32() % 1000) / 4 - 100, random.uint32() % 3);
        list.set(key, due);
        queue.set(due);
      } else {
        expect(queue.delete(key)).toEqual(list.get(key));
        list.delete(key);
      }
      if (step % 500 === 0) queue = queue.clone();
      const sorted = [...list.values()].sort(
        (left, right) =>
          left.dueMs - right.dueMs ||
          left.sequence - right.sequence ||
          (left.key < right.key ? -1 : 1),
      );
      expect(queue.peek()).toEqual(sorted[0]);
      if (step % 100 === 0) expect([...queue.values()]).toEqual(sorted);
    }
    queue.checkInvariants();
  });
});
