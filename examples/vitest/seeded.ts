/// <reference types="vite/client" />
// The app with two users and their invoices, made once. Each test takes a fork: a copy of its own of
// everything, clock and scheduled functions included, in microseconds.

import { createBackend, manualClock } from "invex";
import { api } from "./convex/_generated/api";
import schema from "./convex/schema";

export const ada = { name: "Ada", subject: "ada" };
export const grace = { name: "Grace", subject: "grace" };
export const webhookSecret = "only-the-provider-knows";
export const modules = import.meta.glob("./convex/**/*.{ts,js}");

export const seeded = createBackend({
  schema,
  modules,
  clock: manualClock("2025-01-15T12:00:00Z"),
  env: { WEBHOOK_SECRET: webhookSecret },
  seed: "invoices",
});

const invoiceOf = (user: typeof ada, customer: string, cents: number) =>
  seeded.withIdentity(user).mutation(api.invoices.create, { customer, cents, dueInDays: 14 });

export const adas = await invoiceOf(ada, "Acme", 12_000);
export const graces = await invoiceOf(grace, "Globex", 5_000);
