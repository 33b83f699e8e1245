import actionCache from "@convex-dev/action-cache/convex.config";
import { defineApp } from "convex/server";
import { v } from "convex/values";
import stock from "./stock/convex.config";

const app = defineApp({ httpPrefix: "/site", env: { STOCK_KEY: v.string() } });
app.use(stock, { env: { KEY: app.env.STOCK_KEY, MODE: "strict" }, httpPrefix: "/stock" });
app.use(stock, { name: "reserve", env: { KEY: "fixed" } });
app.use(actionCache);

export default app;
