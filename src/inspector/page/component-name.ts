/**
 * Functions of components, as Convex's client can name them: it knows names only, and the protocol a
 * component besides. So the component goes into the name here, and out of it on the way.
 */
const BETWEEN = "|";

/** @param component path of the component; "" is the app */
export function nameIn(component: string, path: string): string {
  return component === "" ? path : `${component}${BETWEEN}${path}`;
}

interface Call {
  udfPath: string;
  componentPath?: string;
}

/** A message of the client's with components where the protocol has them. */
export function toComponent(text: string): string {
  if (!text.includes(BETWEEN)) return text;
  const message = JSON.parse(text);
  for (const call of message.modifications ?? [message]) move(call);
  return JSON.stringify(message);
}

function move(call: Partial<Call>): void {
  const at = call.udfPath?.indexOf(BETWEEN) ?? -1;
  if (call.udfPath === undefined || at === -1) return;
  call.componentPath = call.udfPath.slice(0, at);
  call.udfPath = call.udfPath.slice(at + 1);
}
