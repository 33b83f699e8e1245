/** The tables every component instance has besides its own. Numbers are part of stored ids: keep them. */
import type { Document } from "../db/document";
import type { SystemTable } from "../db/open-namespace";
import { visibleJob } from "../scheduler/job";
import { CRONS, JOBS } from "../scheduler/ports";
import { STORAGE_TABLE } from "../storage/file-row";
import { SESSION_REQUESTS } from "../sync/session-requests";
import { cloneValue } from "../values/clone";
import type { Value } from "../values/value";

/** @param jobName a job's name as functions read it. Default: as it is stored */
export function systemTables(jobName?: (name: string) => string): readonly SystemTable[] {
  const viewOf = (document: Document) => {
    const view = cloneValue(visibleJob(document) as Value) as unknown as Document;
    return jobName === undefined ? view : { ...view, name: jobName(String(view.name)) };
  };
  return [
    { name: JOBS, number: 513, visibility: "system", view: viewOf },
    STORAGE_TABLE,
    { name: CRONS, number: 515, visibility: "private" },
    SESSION_REQUESTS,
  ];
}
