/** The header `Range` of a download: one range of bytes, or none (RFC 9110, 14.1). */

export type ByteRange =
  /** No range that makes sense to us was asked for. */
  | { readonly kind: "whole" }
  /** From `start` to before `end`; not empty. */
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  /** Several ranges, or one outside of the file. */
  | { readonly kind: "unsatisfiable" };

/** @param size of the file, in bytes */
export function parseByteRange(header: string | null, size: number): ByteRange {
  const ranges = /^\s*bytes\s*=(.*)$/i.exec(header ?? "")?.[1]?.split(",");
  if (ranges === undefined) return { kind: "whole" };
  if (ranges.length > 1) return { kind: "unsatisfiable" };
  const [, first = "", last = ""] = /^\s*(\d*)\s*-\s*(\d*)\s*$/.exec(ranges[0] ?? "") ?? [];
  if (first === "" && last === "") return { kind: "whole" };
  return first === "" ? suffix(Number(last), size) : between(Number(first), last, size);
}

function suffix(length: number, size: number): ByteRange {
  if (length === 0 || size === 0) return { kind: "unsatisfiable" };
  return { kind: "part", start: Math.max(0, size - length), end: size };
}

function between(start: number, last: string, size: number): ByteRange {
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < start) return { kind: "whole" };
  return start < size ? { kind: "part", start, end } : { kind: "unsatisfiable" };
}
