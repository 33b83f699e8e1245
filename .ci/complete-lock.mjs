// Adds to a package-lock.json (paths as arguments) the optional packages for other platforms that npm
// left out because the registry it asked did not have them, as mirrors may. Without their entries
// `npm ci` refuses the file everywhere. Run it after changing dependencies where `npm ci` complains:
//   node .ci/complete-lock.mjs package-lock.json bench/package-lock.json
import { readFileSync, writeFileSync } from "node:fs";

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = [
  "arm64",
  "arm",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
];

function libcOf(parts) {
  if (parts.some((part) => part.startsWith("musl"))) return { libc: ["musl"] };
  return parts.some((part) => part.startsWith("gnu")) ? { libc: ["glibc"] } : {};
}

/** What the package says about itself, told by its name: npm skips what does not fit the machine. */
function platformOf(name) {
  const parts = name.split("/").at(-1).split("-");
  const has = (part) => parts.includes(part);
  const os = systems.find(has);
  const cpu = processors.find((processor) => parts.some((part) => part.startsWith(processor)));
  if (cpu === undefined) throw new Error(`${name}: for which processor?`);
  return {
    cpu: [cpu],
    ...(os === undefined ? {} : { os: [os] }),
    ...(os === "linux" ? libcOf(parts) : {}),
  };
}

for (const path of process.argv.slice(2)) {
  const lock = JSON.parse(readFileSync(path, "utf8"));
  const { packages } = lock;
  const added = [];
  for (const [at, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (packages[`${at}/node_modules/${name}`] ?? packages[`node_modules/${name}`]) continue;
      // Only exact versions: a range would need the registry, and is not a platform's build.
      if (!/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) continue;
      const entry = { version, ...platformOf(name), ...(dev ? { dev: true } : {}), optional: true };
      packages[`node_modules/${name}`] = entry;
      added.push(`${name}@${version}`);
    }
  }
  const sorted = Object.entries(packages).sort(([left], [right]) => (left < right ? -1 : 1));
  lock.packages = Object.fromEntries(sorted);
  if (added.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${path}: ${added.length} added`);
}
