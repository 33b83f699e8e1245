/** @jsxImportSource preact */
/** Crons and when they run next, scheduled functions and what became of them. */
import { useContext, useState } from "preact/hooks";
import type { Value } from "../../values/value";
import { Choice } from "./choice";
import { moveInList } from "./keyboard";
import { Empty, Pending, Problem } from "./notice";
import { BackendContext } from "./page-backend";
import type { ComponentTables, RowsPage } from "./table-info";
import { dateText, distanceText } from "./time-text";
import { useNow } from "./use-now";
import { messageOf, useQuery } from "./use-query";
import { printText } from "./value-text";

interface Cron {
  readonly _id: string;
  readonly component: string;
  readonly identifier: string;
  readonly name: string;
  readonly args: readonly Value[];
  readonly schedule: Record<string, Value>;
  readonly nextTime: number;
  readonly isRunning: boolean;
  readonly runs: readonly { readonly endTime: number; readonly error?: string }[];
}

interface Job {
  readonly _id: string;
  readonly name: string;
  readonly args: readonly Value[];
  readonly scheduledTime: number;
  readonly completedTime?: number;
  readonly state: { readonly kind: JobState; readonly error?: string };
}

const STATES = ["pending", "inProgress", "failed", "success", "canceled"] as const;
type JobState = (typeof STATES)[number];

const STATE_NAMES: Readonly<Record<JobState, string>> = {
  pending: "Pending",
  inProgress: "Running",
  failed: "Failed",
  success: "Succeeded",
  canceled: "Canceled",
};

const PAGE_SIZE = 50;

export function ScheduleView() {
  return (
    <section class="main main-wide" aria-label="Schedule">
      <h2>Crons</h2>
      <Crons />
      <h2>Scheduled functions</h2>
      <Jobs />
    </section>
  );
}

function Crons() {
  const answer = useQuery<Cron[]>("crons", {});
  const now = useNow();
  if (answer.kind !== "ok") return <Pending answer={answer} what="crons" />;
  if (answer.value.length === 0) {
    return (
      <Empty title="There are no crons.">
        Those that <code>crons.ts</code> exports appear here.
      </Empty>
    );
  }
  return (
    <ul class="cards" onKeyDown={moveInList}>
      {answer.value.map((cron) => (
        <li class="card" key={cron._id}>
          <div class="card-row" data-item tabIndex={-1}>
            <strong>{cron.identifier}</strong>
            <span class="source">{shortName(cron.component, cron.name)}</span>
            <code class="muted args">{argsText(cron.args)}</code>
            <span class="tag">{scheduleText(cron.schedule)}</span>
            <span title={dateText(cron.nextTime)}>
              {cron.isRunning ? "running" : distanceText(cron.nextTime, now)}
            </span>
            <LastRun runs={cron.runs} now={now} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function LastRun({ runs, now }: { runs: Cron["runs"]; now: number }) {
  const last = runs.at(-1);
  if (last === undefined) return <span class="muted">never ran</span>;
  const when = distanceText(last.endTime, now);
  if (last.error === undefined) return <span class="muted">ran {when}</span>;
  return (
    <span class="state state-failed" title={last.error}>
      failed {when}
    </span>
  );
}

function Jobs() {
  const tables = useQuery<ComponentTables[]>("tables", { seen: 0 });
  const [component, setComponent] = useState("");
  const [state, setState] = useState<JobState>("pending");
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const components = tables.kind === "ok" ? tables.value.map((each) => each.component) : [""];
  const answer = useQuery<RowsPage>("rows", {
    component,
    table: "_scheduled_functions",
    index: "by_creation_time",
    order: "desc",
    range: [],
    filters: [{ field: "state.kind", op: "eq", value: state }],
    after: cursors.at(-1) ?? null,
    limit: PAGE_SIZE,
  });
  return (
    <>
      <div class="toolbar">
        <Choice
          label="State"
          options={STATES.map((value) => ({ value, text: STATE_NAMES[value] }))}
          value={state}
          onChange={(next) => {
            setState(next);
            setCursors([]);
          }}
        />
        {components.length > 1 && (
          <select
            aria-label="Component"
            value={component}
            onChange={(event) => {
              setComponent(event.currentTarget.value);
              setCursors([]);
            }}
          >
            {components.map((each) => (
              <option key={each} value={each}>
                {each === "" ? "app" : each}
              </option>
            ))}
          </select>
        )}
      </div>
      {answer.kind !== "ok" ? (
        <Pending answer={answer} what="scheduled functions" />
      ) : (
        <JobList page={answer.value} component={component} state={state} />
      )}
      {answer.kind === "ok" && (cursors.length > 0 || answer.value.next !== null) && (
        <div class="pager">
          <button
            type="button"
            disabled={cursors.length === 0}
            onClick={() => setCursors(cursors.slice(0, -1))}
          >
            ← Back
          </button>
          <button
            type="button"
            disabled={answer.value.next === null}
            onClick={() => setCursors([...cursors, answer.value.next as string])}
          >
            Next →
          </button>
        </div>
      )}
    </>
  );
}

interface JobListProps {
  readonly page: RowsPage;
  readonly component: string;
  readonly state: JobState;
}

function JobList({ page, component, state }: JobListProps) {
  const now = useNow();
  if (page.rows.length === 0) {
    return <Empty title={`Nothing is ${STATE_NAMES[state].toLowerCase()}.`} />;
  }
  return (
    <ul class="cards" onKeyDown={moveInList}>
      {page.rows.map((row) => (
        <JobCard key={row._id} job={row as unknown as Job} component={component} now={now} />
      ))}
    </ul>
  );
}

function JobCard({ job, component, now }: { job: Job; component: string; now: number }) {
  const { state, scheduledTime, completedTime } = job;
  const isOver = state.kind !== "pending" && state.kind !== "inProgress";
  const when = completedTime ?? scheduledTime;
  return (
    <li class="card">
      <div class="card-row" data-item tabIndex={-1}>
        <span class={`state state-${state.kind}`}>{STATE_NAMES[state.kind]}</span>
        <span class="source">{shortName(component, job.name)}</span>
        <code class="muted args">{argsText(job.args)}</code>
        <span title={dateText(when)}>{distanceText(when, now)}</span>
        {!isOver && <CancelButton component={component} id={job._id} />}
      </div>
      {state.error !== undefined && <pre class="lines">{state.error.trim()}</pre>}
    </li>
  );
}

function CancelButton({ component, id }: { component: string; id: string }) {
  const backend = useContext(BackendContext);
  const [problem, setProblem] = useState<string>();
  if (problem !== undefined) return <Problem message={problem} />;
  return (
    <button
      type="button"
      class="quiet danger-text"
      onClick={() =>
        backend.act("cancelJob", { component, id }).catch((error) => setProblem(messageOf(error)))
      }
    >
      Cancel
    </button>
  );
}

function shortName(component: string, name: string): string {
  const plain = name.replace(".js:", ":");
  return component === "" ? plain : `${component}/${plain}`;
}

function argsText([args]: readonly Value[]): string {
  return args === undefined ? "" : printText(args, "");
}

/** `every 5 minutes`, `* * * * *`, `daily 12:30 UTC` */
function scheduleText({ type, ...rest }: Record<string, Value>): string {
  if (type === "interval") return `every ${Number(rest.seconds).toLocaleString()} s`;
  if (type === "cron") return String(rest.cron ?? rest.cronExpr ?? printText(rest, ""));
  const time = [rest.hourUTC, rest.minuteUTC]
    .filter((part) => part !== undefined)
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return `${String(type)} ${rest.dayOfWeek ?? rest.day ?? ""} ${time} UTC`.replace(/ +/g, " ");
}
