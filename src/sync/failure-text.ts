/** What a client reads of a failed call: text and data, the text cut to the request id in production. */
import { type FunctionFailure, textToClient } from "../functions/function-failure";
import { convexToJson } from "../values/convex-json";
import type { FailureText } from "./server-message";

/** @param redact production: the request id only */
export function failureText(
  failure: FunctionFailure,
  requestId: string,
  redact: boolean,
): FailureText {
  const errorMessage = textToClient(failure, { path: "", requestId, redact });
  const { data } = failure;
  return data === undefined ? { errorMessage } : { errorMessage, errorData: convexToJson(data) };
}
