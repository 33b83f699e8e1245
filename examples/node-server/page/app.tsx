// Asks for a name once a tab, then shows the room.

import { useState } from "react";
import { Join } from "./join";
import { Room } from "./room";

const NAME_KEY = "name";

export function App() {
  const [name, setName] = useState(() => sessionStorage.getItem(NAME_KEY));
  if (name !== null) return <Room name={name} />;
  const join = (given: string) => {
    sessionStorage.setItem(NAME_KEY, given);
    setName(given);
  };
  return <Join onJoin={join} />;
}
