/** A store's value that can be kept from changing while somebody reads it. */
import { useState } from "preact/hooks";
import { type Store, useStore } from "./store";

export function usePausable<T>(
  store: Store<T>,
): [value: T, isPaused: boolean, setIsPaused: (isPaused: boolean) => void] {
  const value = useStore(store);
  const [kept, setKept] = useState<{ readonly value: T }>();
  const setIsPaused = (isPaused: boolean) => setKept(isPaused ? { value } : undefined);
  return [kept === undefined ? value : kept.value, kept !== undefined, setIsPaused];
}
