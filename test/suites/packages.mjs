// Packages whose own tests are written against convex-test by people who never heard of Invex, and
// ship with them. Those that this repository installs anyway run in CI, the others with `--all`.

/** In devDependencies. */
export const installed = [
  "@convex-dev/aggregate",
  "@convex-dev/batch-worker",
  "@convex-dev/migrations",
  "@convex-dev/rate-limiter",
  "@convex-dev/workflow",
  "@convex-dev/workpool",
];

/** Installed into an empty folder, as they are on that day. */
export const others = [
  "@convex-dev/action-cache",
  "@convex-dev/agent",
  "@convex-dev/better-auth",
  "@convex-dev/geospatial",
  "@convex-dev/launchdarkly",
  "@convex-dev/persistent-text-streaming",
  "@convex-dev/polar",
  "@convex-dev/prosemirror-sync",
  "@convex-dev/r2",
  "@convex-dev/rag",
  "@convex-dev/resend",
  "@convex-dev/sharded-counter",
  "@convex-dev/stripe",
  "@convex-dev/workos-authkit",
  "@djpanda/convex-authz",
  "@gilhrpenner/convex-files-control",
  "@hamzasaleemorg/convex-kv",
  "@ikhrustalev/convex-debouncer",
  "@posthog/convex",
  "@useautumn/convex",
  "convex-durable-agents",
  "convex-fs",
  "convex-helpers",
  "convex-table-history",
  "fluent-convex",
];

/** What their tests import beside their dependencies. */
export const companions = [
  "convex",
  "convex-test",
  "convex-helpers",
  "vitest@4.1.12",
  "vite@8.3.8",
  "@edge-runtime/vm@5",
  "jsdom@26",
  "happy-dom",
  "react@19.2.0",
  "react-dom@19.2.0",
  "@testing-library/react",
  "@fast-check/vitest",
  "fast-check",
  "ai",
  "@ai-sdk/openai",
  "@polar-sh/sdk",
  "@tiptap/core",
  "@tiptap/pm",
  "autumn-js",
  "better-auth",
  "hono",
  "svix",
  "zod",
];
