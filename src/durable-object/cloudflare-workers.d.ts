/** What is imported from the platform, as far as it is used. The real types are Cloudflare's. */
declare module "cloudflare:workers" {
  export abstract class DurableObject<Env = unknown> {
    protected ctx: unknown;
    protected env: Env;
    constructor(ctx: unknown, env: Env);
  }
  /** The Worker's bindings. */
  export const env: unknown;
}
