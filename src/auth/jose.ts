/** jose, loaded when the first token comes: a backend without tokens never pays for it. */

export type Jose = typeof import("jose");

export async function loadJose(): Promise<Jose> {
  return import("jose");
}
