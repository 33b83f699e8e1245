import { anyApi } from "invex/server";
import type { Api } from "../backend/backend";

export const api = anyApi as unknown as Api;
