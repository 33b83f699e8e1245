// Runs the Worker on this machine, in the platform's own runtime: `npm run example:durable-rooms`.
// A port and a folder for the rooms' data may follow.

import { fileURLToPath } from "node:url";
import { startRooms } from "./start-rooms";

const [port = "3212", folder = fileURLToPath(new URL("./data", import.meta.url))] =
  process.argv.slice(2);

const rooms = await startRooms({ port: Number(port), folder });
console.log(`Rooms at ${rooms.url}`);
