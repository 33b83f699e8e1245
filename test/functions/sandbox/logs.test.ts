// What log lines say and how many there may be.

import { afterEach, describe, expect, it, vi } from "vitest";
import { printToHost } from "../../../src/functions/host-log";
import {
  consoleLine,
  FunctionLog,
  type LogEntry,
  type LogSource,
  MAX_LOG_LINE_BYTES,
  MAX_LOG_LINES,
  wireLine,
} from "../../../src/functions/logs";
import { PlainText } from "../../../src/functions/sandbox/plain-text";
import { sandbox } from "../../../src/functions/sandbox/sandbox";
import { utf8Length } from "../../../src/values/utf8";
import { createExecution, turn } from "./harness";

const source: LogSource = {
  function: "messages:list",
  componentPath: "",
  kind: "query",
  requestId: "0123456789abcdef",
};

function write(...args: unknown[]): LogEntry {
  return new FunctionLog(source).write("LOG", args, 5)!;
}

afterEach(async () => {
  vi.restoreAllMocks();
  await turn();
});

describe("log entries", () => {
  it("[LOG1] say where, when, how loud and what, as plain data", () => {
    const entry = write("hi", { a: [1n] }, undefined);
    expect(entry).toEqual({
      ...source,
      level: "LOG",
      timeMs: 5,
      args: ["'hi'", "{ a: [ 1n ] }", "undefined"],
      text: "'hi' { a: [ 1n ] } undefined",
    });
    expect(JSON.parse(JSON.stringify(entry))).toEqual(entry);
    expect(write().text).toBe("");
  });

  it("[LOG1] are read when they are written", () => {
    const document = { body: "before" };
    const entry = write(document);
    document.body = "after";
    expect(entry.text).toBe("{ body: 'before' }");
  });

  it("[LOG2] travel as `[LEVEL] text` and print as Convex prints them", () => {
    const entry = write("hi", 1);
    expect(wireLine(entry)).toBe("[LOG] 'hi' 1");
    const kinds = ["query", "mutation", "action", "httpAction"] as const;
    const lines = kinds.map((kind) => consoleLine({ ...entry, kind, level: "WARN" }));
    expect(lines).toEqual(
      "QMAH".split("").map((l) => `[CONVEX ${l}(messages:list)] [WARN] 'hi' 1`),
    );
  });

  it("[LOG2] the words of the engine take no quotes", () => {
    expect(write(new PlainText("Many reads"), "quoted").text).toBe("Many reads 'quoted'");
  });
});

describe("limits", () => {
  it("[LOG3] the 256th line says that there were more, and is the last", () => {
    const log = new FunctionLog(source);
    const entries = Array.from({ length: 300 }, (_, n) => log.write("LOG", [n], n));
    expect(entries.filter((entry) => entry !== undefined)).toHaveLength(MAX_LOG_LINES);
    expect(entries[254]?.text).toBe("254");
    expect(entries[255]).toMatchObject({
      level: "ERROR",
      text: "Log overflow (maximum 256). Remaining log lines omitted.",
    });
    expect(entries[256]).toBeUndefined();
  });

  it("[LOG4] a line is cut at 32,768 bytes and says so", () => {
    const note = " (truncated due to length)";
    const fits = "x".repeat(MAX_LOG_LINE_BYTES - 2);
    expect(write(fits).text).toBe(`'${fits}'`);
    const cut = write(`${fits}x`).text;
    expect(cut).toBe(`'${fits}x${note}`);
    const wide = write("\u{1f30a}".repeat(10_000)).text;
    expect(wide.endsWith(`\u{1f30a}${note}`)).toBe(true);
    expect(utf8Length(wide)).toBeLessThanOrEqual(MAX_LOG_LINE_BYTES + note.length);
  });

  it("[LOG4] a monstrous argument costs no more than its line", () => {
    const shared = Array.from({ length: 100 }, (_, n) => `item ${n}`);
    const nested = Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => shared));
    const { text } = write(nested, "x".repeat(10_000_000));
    expect(utf8Length(text)).toBeLessThan(MAX_LOG_LINE_BYTES + 100);
  });
});

describe("the default sink", () => {
  it("[LOG5] is the console the host has, also when called from inside a function", async () => {
    const spies = (["debug", "log", "info", "warn", "error"] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => {}),
    );
    const log = new FunctionLog(source);
    const execution = createExecution();
    execution.log = (level, args) => {
      const entry = log.write(level, args, 0)!;
      sandbox.outside(() => printToHost(entry));
    };
    await sandbox.run(execution, () => {
      for (const name of ["debug", "log", "info", "warn", "error"] as const) console[name](name);
    });
    expect(spies.map((spy) => spy.mock.calls)).toEqual([
      [["[CONVEX Q(messages:list)] [DEBUG] 'debug'"]],
      [["[CONVEX Q(messages:list)] [LOG] 'log'"]],
      [["[CONVEX Q(messages:list)] [INFO] 'info'"]],
      [["[CONVEX Q(messages:list)] [WARN] 'warn'"]],
      [["[CONVEX Q(messages:list)] [ERROR] 'error'"]],
    ]);
  });
});
