import { describe, expect, test } from "vitest";
import { adas, seeded, webhookSecret } from "./seeded";

function notify(backend: ReturnType<typeof seeded.fork>, invoice: string, secret: string) {
  return backend.fetch("/webhooks/payment", {
    method: "POST",
    headers: { "X-Webhook-Secret": secret },
    body: JSON.stringify({ invoice }),
  });
}

describe("the payment provider's webhook", () => {
  test("pays an invoice", async () => {
    const backend = seeded.fork();
    expect((await notify(backend, adas, webhookSecret)).status).toBe(204);
    expect(await backend.run((ctx) => ctx.db.get(adas))).toMatchObject({ status: "paid" });
  });

  test("turns strangers away", async () => {
    const backend = seeded.fork();
    expect((await notify(backend, adas, "a guess")).status).toBe(401);
    expect(await backend.run((ctx) => ctx.db.get(adas))).toMatchObject({ status: "open" });
  });

  test("says so when there is no such invoice", async () => {
    expect((await notify(seeded.fork(), "nonsense", webhookSecret)).status).toBe(404);
  });
});
