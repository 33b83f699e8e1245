import { describe, expect, it } from "vitest";
import { type Duration, durationMs } from "../../src/shared/duration";
import { isInvexError } from "../../src/shared/errors";

describe("durationMs", () => {
  it("[CLK9] adds units, whole and fractional", () => {
    expect(durationMs(1500)).toBe(1500);
    expect(durationMs(0)).toBe(0);
    expect(durationMs({ milliseconds: 5 })).toBe(5);
    expect(durationMs({ days: 3, minutes: 1 })).toBe(259_260_000);
    expect(
      durationMs({ weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1 }),
    ).toBe(694_861_001);
    expect(durationMs({ hours: 0.5 })).toBe(1_800_000);
  });

  it.each([
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [{}],
    [{ day: 1 }],
    [{ days: "1" }],
    [{ days: -1 }],
    [{ days: 1, fortnights: 1 }],
    [null],
    [undefined],
    ["3 days"],
    [[]],
  ])("[CLK9] refuses %j with the unit named", (duration) => {
    try {
      durationMs(duration as Duration);
    } catch (error) {
      expect(isInvexError(error) && error.code).toBe("ArgumentsInvalid");
      expect((error as Error).message).toMatch(/duration/);
      return;
    }
    expect.fail("accepted");
  });
});
