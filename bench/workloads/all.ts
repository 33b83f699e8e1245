/** Every workload, in the order of the report. */

import type { Workload } from "../workload";
import { coldImport } from "./cold-import";
import { fork } from "./fork";
import { get, getInside } from "./get";
import { heap } from "./heap";
import { insert } from "./insert";
import { latest, latestAgain } from "./latest";
import { like } from "./like";
import { live } from "./live";
import { load } from "./load";
import { page } from "./page";
import { scan } from "./scan";
import { smallTests } from "./small-tests";

export const workloads: readonly Workload[] = [
  insert,
  get,
  getInside,
  latest,
  like,
  live,
  latestAgain,
  heap,
  load,
  page,
  scan,
  smallTests,
  fork,
  coldImport,
];
