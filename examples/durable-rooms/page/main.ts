// The page's start: asks for a name and a room, then shows the room.

import { Room } from "./room";

const join = document.querySelector<HTMLFormElement>("#join") as HTMLFormElement;

join.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = new FormData(join);
  const [name, room] = [String(fields.get("name")).trim(), String(fields.get("room")).trim()];
  if (name === "" || room === "") return;
  join.hidden = true;
  new Room(name, room).show();
});
