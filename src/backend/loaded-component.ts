/** The app or one component instance, with what is found by name in its modules loaded. */
import type { ModuleMap } from "../functions/module-map";

export interface LoadedComponent {
  /** `""` is the app. */
  readonly path: string;
  readonly modules: ModuleMap;
  /** A schema definition of either front; `undefined`: tables come with their first document. */
  readonly schema: unknown;
  /** The default export of the module `crons`, if there is one. */
  readonly crons: unknown;
  /** `process.env` inside, without the backend's own variables. */
  readonly env: Readonly<Record<string, string>>;
}
