// @vitest-environment jsdom
/** The suites of convex-test's documented API, on `invex/testing`. */
import { convexTest } from "invex/testing";
import { callSuite } from "./suites/calls.suite";
import { httpSuite } from "./suites/http.suite";
import { scheduleSuite } from "./suites/scheduling.suite";
import type { Target } from "./suites/target";

const target = { name: "invex", convexTest } as Target;

callSuite(target);
httpSuite(target);
scheduleSuite(target);
