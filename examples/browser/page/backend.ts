// The backend, whole, in this page. It lives as long as the page does.

import { createBackend } from "invex";
import * as notes from "../convex/notes";
import schema from "../convex/schema";

export const backend = createBackend({ schema, modules: { notes } });
export const { api } = backend;
