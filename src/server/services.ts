/**
 * Services of the Convex platform. Only a backend that runs on it has them; elsewhere these reject.
 */

import { requireArgument } from "./argument";
import { performAsyncSyscall } from "./convex-global";

/** Names of services. */
export type ServiceName = "ai-gateway";

/** A token for a service. @throws off the platform, and outside of a running function. */
export async function getServiceToken(service: ServiceName): Promise<string> {
  requireArgument(service, 1, "service", "getServiceToken");
  return (await performAsyncSyscall("1.0/createServiceToken", { service })) as string;
}

/** The URL of a service. @throws off the platform, and outside of a running function. */
export async function getServiceUrl(service: ServiceName): Promise<string> {
  requireArgument(service, 1, "service", "getServiceUrl");
  return (await performAsyncSyscall("1.0/getServiceUrl", { service })) as string;
}
