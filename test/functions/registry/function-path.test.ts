// Names of functions and handles.

import { describe, expect, it } from "vitest";
import {
  functionPath,
  parseFunctionHandle,
  parseFunctionPath,
  printFunctionHandle,
} from "../../../src/functions/function-path";

const problemOf = (text: string): string => {
  try {
    parseFunctionPath(text);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("names", () => {
  it.each([
    ["messages:list", "messages", "list"],
    ["messages.js:list", "messages", "list"],
    ["admin/users:list", "admin/users", "list"],
    ["admin/users", "admin/users", "default"],
    ["admin/users.js", "admin/users", "default"],
    ["messages:default", "messages", "default"],
    ["_private/m_1:_x", "_private/m_1", "_x"],
  ])("[FNP1] %s", (text, module, name) => {
    expect(parseFunctionPath(text)).toMatchObject({ module, name });
  });

  it("[FNP2] has a canonical form and one for people", () => {
    expect(parseFunctionPath("admin/users:list")).toMatchObject({
      canonical: "admin/users.js:list",
      display: "admin/users:list",
    });
    expect(parseFunctionPath("admin/users")).toMatchObject({
      canonical: "admin/users.js:default",
      display: "admin/users",
    });
  });

  it("[FNP1] splits at the last colon", () => {
    expect(problemOf("a:b:c")).toContain("a:b");
  });

  it.each([
    ["", "Path component .js must have at least one alphanumeric character."],
    [":list", "must have at least one alphanumeric character."],
    ["/messages:list", "must have at least one alphanumeric character."],
    ["a//b:list", "must have at least one alphanumeric character."],
    ["../messages:list", "Path component .. must have at least one alphanumeric character."],
    ["__:list", "Path component __.js must have at least one alphanumeric character."],
    [
      "my-file:list",
      "Path component my-file.js can only contain alphanumeric characters, underscores, or periods.",
    ],
    ["a b:list", "can only contain alphanumeric characters"],
    ["ünï:list", "can only contain alphanumeric characters"],
    ["messages.ts:list", "Module path (messages.ts) has an extension that isn't 'js'."],
    ["auth.config:default", "has an extension that isn't 'js'."],
    [`${"a".repeat(62)}:list`, "Path component is too long (65 > maximum 64)."],
  ])("[FNP3] refuses %s", (text, problem) => {
    expect(problemOf(text)).toContain(`${text} is not a valid path to a Convex function. `);
    expect(problemOf(text)).toContain(problem);
  });

  it("[FNP3] allows 64 characters a segment and dots in directories", () => {
    expect(problemOf(`${"a".repeat(61)}:list`)).toBe("");
    expect(problemOf("v1.2/messages:list")).toBe("");
  });

  it.each(["m:", "m:1st", "m:a-b", "m:___", "m:a.b", `m:${"a".repeat(65)}`, "m:a/b"])(
    "[FNP4] refuses the export of %s",
    (text) => {
      expect(problemOf(text)).toContain("is not a valid path to a Convex function.");
    },
  );
});

describe("handles", () => {
  it("[FNP5] carry an id, and a name for people", () => {
    const handle = printFunctionHandle("j57abc", functionPath("messages", "list"));
    expect(handle).toBe("function://j57abc#messages:list");
    expect(parseFunctionHandle(handle)).toEqual({ id: "j57abc", name: "messages:list" });
    expect(parseFunctionHandle("function://j57abc")).toEqual({ id: "j57abc", name: undefined });
  });
});
