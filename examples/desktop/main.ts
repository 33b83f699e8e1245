// `npm run example:desktop`: the program without Electron, in a tab of your browser.

import { fileURLToPath } from "node:url";
import { Desktop } from "./stand-in/desktop";

const beside = fileURLToPath(new URL("./notes.db", import.meta.url));
const [file = beside, port = "8788"] = process.argv.slice(2);
const { url } = await Desktop.start({ file, port: Number(port) });
console.log(`Notes are at ${url}, kept in ${file}`);
