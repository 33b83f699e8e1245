/**
 * `ctx.auth.signJwt` of mutations, and the keys that verify its tokens. Loaded when the first token
 * is signed, or somebody asks for the keys.
 */
import type { DeploymentJwk, DeploymentKey } from "../auth/deployment-key";
import type { FunctionServices } from "../functions/services";
import type { TransactionFrame } from "../functions/transaction-frame";
import type { Outside } from "../reactivity/ports";
import { Late } from "../shared/late";
import { fromByteArrayUrlSafeNoPadding } from "../values/base64";

const keyCode = new Late(() => import("../auth/deployment-key"));
const claimsCode = new Late(() => import("../auth/jwt-claims"));

interface TokenSigningOptions {
  /** 32 secret bytes, the same as long as tokens shall be believed. */
  readonly secret: Uint8Array;
  /** What the cloud URL is inside functions. */
  readonly url: string;
  /** Keys are no doing of the function that asks for a token. */
  readonly outside: Outside;
}

const ID_BYTES = 16;

export class TokenSigning implements Pick<FunctionServices, "signJwt"> {
  readonly #options: TokenSigningOptions;
  #key: DeploymentKey | undefined;

  constructor(options: TokenSigningOptions) {
    this.#options = options;
  }

  /** See `MutationAuth.signJwt`. */
  async signJwt(frame: TransactionFrame, options: unknown): Promise<string> {
    const { outside } = this.#options;
    const { tokenPayload, checkTokenLength } = await outside(() => claimsCode.ready());
    const payload = tokenPayload(options, {
      issuer: this.#issuerOf(frame.component),
      nowMs: frame.execution.startMs,
      createId: () => fromByteArrayUrlSafeNoPadding(frame.execution.random.bytes(ID_BYTES)),
    });
    return checkTokenLength(await outside(async () => (await this.#open()).sign(payload)));
  }

  /** What `/.well-known/jwks.json` says. */
  jwks(): Promise<{ keys: DeploymentJwk[] }> {
    return this.#options.outside(async () => (await this.#open()).jwks());
  }

  #issuerOf(component: string): string {
    const origin = this.#options.url.replace(/\/+$/, "");
    return component === "" ? origin : `${origin}/components/${component}`;
  }

  async #open(): Promise<DeploymentKey> {
    const { DeploymentKey } = await keyCode.ready();
    this.#key ??= new DeploymentKey(this.#options.secret);
    return this.#key;
  }
}
