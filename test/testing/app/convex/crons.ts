import { cronJobs } from "convex/server";
import { internal } from "./_generated/api";

const crons = cronJobs();
crons.interval("tick", { minutes: 10 }, internal.jobs.write, { line: "tick" });
export default crons;
