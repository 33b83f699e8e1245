/** The suites of convex-test's documented API, on convex-test itself. */
import { convexTest } from "convex-test";
import { callSuite } from "./suites/calls.suite";
import { httpSuite } from "./suites/http.suite";
import { scheduleSuite } from "./suites/scheduling.suite";
import type { Target } from "./suites/target";

const target = { name: "convex-test", convexTest } as Target;

callSuite(target);
httpSuite(target);
scheduleSuite(target);
