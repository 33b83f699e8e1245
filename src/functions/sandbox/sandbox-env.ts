/** `process.env` inside functions: the backend's variables, read-only; what is not set is `undefined`. */
import { host } from "./host";
import { running } from "./running";
import { twoFaced } from "./two-faced";

export const sandboxEnv = twoFaced(
  () => running()?.execution.env,
  () => host.env,
);
