/** `invex/testing`: the API of the convex-test package, on this engine, and what the mock has not. */
export type { Duration } from "../shared/duration";
export { type ConvexTestOptions, convexTest } from "./convex-test";
export {
  type ComponentRegistration,
  defineTestApp,
  type TestApp,
  type TestAppDefinition,
} from "./define-test-app";
export type { SimulationRandom } from "./simulation/draws";
export { simulate } from "./simulation/simulate";
export type {
  SimulatedCall,
  SimulatedOutcome,
  SimulationOptions,
  SimulationReport,
} from "./simulation/simulation-options";
export type {
  DeploymentJwks,
  InvexTest,
  InvexTestExtras,
  TestConvex,
  TestConvexForDataModel,
  TestConvexForDataModelAndIdentity,
  TestConvexRoot,
} from "./test-convex";
export type { TestModules } from "./test-modules";
export type { TestSubscription } from "./test-subscription";
