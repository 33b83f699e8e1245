import { defineApp } from "convex/server";
import audit from "./audit/convex.config";

const app = defineApp();
app.use(audit);

export default app;
