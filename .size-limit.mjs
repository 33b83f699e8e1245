/** Leaves out what is only loaded when it is first used. */
const first = {
  name: "first",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

const beforeTheFirstQuery = (config) => ({
  ...config,
  plugins: [...(config.plugins ?? []), first],
});

const gzipped = { import: "*", gzip: true };

export default [
  {
    ...gzipped,
    name: "invex, as far as it is loaded before the first query runs",
    path: "dist/index.js",
    modifyEsbuildConfig: beforeTheFirstQuery,
    limit: "108 kB",
  },
  {
    ...gzipped,
    name: "invex with HTTP, sync, crons, pages, files and snapshots, without jose and zip.js",
    path: "dist/index.js",
    ignore: ["jose", "@zip.js/zip.js"],
    limit: "166 kB",
  },
  {
    ...gzipped,
    name: "invex/durable-object with all it needs, without jose and zip.js",
    path: "dist/durable-object.js",
    ignore: ["jose", "@zip.js/zip.js", "cloudflare:workers"],
    limit: "175 kB",
  },
  { ...gzipped, name: "invex/values", path: "dist/values.js", limit: "8 kB" },
  { ...gzipped, name: "invex/server", path: "dist/server.js", limit: "12 kB" },
  { ...gzipped, name: "invex/client", path: "dist/client.js", limit: "10 kB" },
  {
    ...gzipped,
    name: "invex/inspector with its page, beside an engine that is there",
    path: "dist/inspector.js",
    modifyEsbuildConfig: beforeTheFirstQuery,
    limit: "200 kB",
  },
  { ...gzipped, name: "invex/indexeddb", path: "dist/indexeddb.js", limit: "5 kB" },
];
