/** The tables every component instance has besides its own. Numbers are part of stored ids: keep them. */
import type { Document } from "../db/document";
import type { SystemTable } from "../db/open-namespace";
import { visibleJob } from "../scheduler/job";
import { CRONS, JOBS } from "../scheduler/ports";
import { STORAGE_TABLE } from "../storage/file-row";
import { SESSION_REQUESTS } from "../sync/session-requests";
import { cloneValue } from "../values/clone";
import type { Value } from "../values/value";

/** The same array for every backend: what is compiled for it is shared. */
export const SYSTEM_TABLES = tablesWith((job) => job);

/** @param jobName a job's name as functions read it, given as it is stored */
export function systemTables(jobName: (name: string) => string): readonly SystemTable[] {
  return tablesWith((job) => ({ ...job, name: jobName(String(job.name)) }));
}

function tablesWith(jobView: (job: Document) => Document): readonly SystemTable[] {
  const view = (document: Document) =>
    jobView(cloneValue(visibleJob(document) as Value) as unknown as Document);
  return [
    { name: JOBS, number: 513, visibility: "system", view },
    STORAGE_TABLE,
    { name: CRONS, number: 515, visibility: "private" },
    SESSION_REQUESTS,
  ];
}
