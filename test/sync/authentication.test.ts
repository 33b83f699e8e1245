// Whom a session speaks for (functions.md 9.2, 9.4, 9.6), message by message.

import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Chat, createChat, quiet } from "./chat";
import { add, RawClient } from "./raw-client";
import { createIssuer, type Issuer, watchVerifications } from "./tokens";
import { waitUntil } from "./wait-until";

let chat: Chat;
let issuer: Issuer;

beforeAll(async () => {
  issuer = await createIssuer();
});

afterEach(() => chat.backend.close());

function open(options: object = {}): RawClient {
  chat = createChat({ auth: issuer.auth, adminKey: "admin|key", ...options });
  return RawClient.open(chat.backend);
}

const authenticate = (baseVersion: number, rest: object) => ({
  type: "Authenticate",
  baseVersion,
  ...rest,
});
const user = (value: string) => ({ tokenType: "User", value });

async function identityIs(client: RawClient, version: number): Promise<void> {
  await waitUntil(() => client.version.identity === version, `identity version ${version}`);
}

describe("Authenticate", () => {
  it("[SYNC24] runs everything after it as the token's subject, and every query again", async () => {
    const client = open();
    client.modify(0, add(0, "messages:whoami"), add(1, "messages:list", { channel: "x" }));
    await quiet();
    expect(client.results.get(0).value).toBeNull();
    client.send(authenticate(0, user(await issuer.token("ada", chat.clock.now()))));
    client.mutate(0, "messages:whoWrites");
    await identityIs(client, 1);
    expect(client.transitions[1].modifications).toEqual([
      expect.objectContaining({ queryId: 0, value: "ada" }),
    ]);
    await waitUntil(() => client.of("MutationResponse").length === 1, "the answer");
    expect(client.of("MutationResponse")[0].result).toBe("ada");
    client.send(authenticate(1, { tokenType: "None" }));
    await identityIs(client, 2);
    expect(client.results.get(0).value).toBeNull();
  });

  it("[SYNC25] never mixes results of two identities: what was not told yet comes with the new one", async () => {
    const client = open();
    const verifications = watchVerifications();
    chat.gate.shut();
    client.modify(0, add(0, "messages:whoami"), add(1, "messages:slowList"));
    await quiet();
    client.send(authenticate(0, user(await issuer.token("ada", chat.clock.now()))));
    await waitUntil(() => verifications() === 1, "the token was checked");
    await quiet();
    chat.gate.open();
    await identityIs(client, 1);
    const told = client.transitions.filter(({ modifications }) => modifications.length > 0);
    expect(told).toHaveLength(1);
    expect(told[0].startVersion).toMatchObject({ querySet: 0, identity: 0 });
    expect(client.version).toMatchObject({ querySet: 1, identity: 1 });
    expect(client.results.get(0).value).toBe("ada");
    expect(client.results.get(1).value).toBe(0);
  });

  it("[SYNC26] answers a bad token with AuthError and ends the connection; others do not notice", async () => {
    const client = open();
    const other = RawClient.open(chat.backend, "00000000-0000-4000-8000-000000000002");
    client.send(authenticate(0, user("rubbish")));
    await waitUntil(() => client.closed !== undefined, "the end");
    expect(client.messages).toEqual([
      {
        type: "AuthError",
        error: expect.stringMatching(/^Could not parse JWT payload/),
        baseVersion: 0,
        authUpdateAttempted: true,
      },
    ]);
    expect(client.closed).toEqual({});
    const late = RawClient.open(chat.backend, "00000000-0000-4000-8000-000000000003");
    late.send(authenticate(0, user(await issuer.token("ada", chat.clock.now() - 7_200_000))));
    await waitUntil(() => late.closed !== undefined, "the end");
    expect(late.messages[0].error).toMatch(/^Could not verify OIDC token claim/);
    other.modify(0, add(0, "messages:whoami"));
    await quiet();
    expect(other.results.get(0).value).toBeNull();
  });

  it("[SYNC27] a token that expires ends the session with an AuthError that was not attempted", async () => {
    const client = open();
    client.modify(0, add(0, "messages:whoami"));
    client.send(authenticate(0, user(await issuer.token("ada", chat.clock.now(), 60))));
    await identityIs(client, 1);
    await chat.clock.advanceTo(chat.clock.now() + 59_999);
    expect(client.closed).toBeUndefined();
    await chat.clock.advanceTo(chat.clock.now() + 15_000);
    expect(client.messages.at(-1)).toEqual({
      type: "AuthError",
      error: "Convex token identity expired",
      baseVersion: 0,
      authUpdateAttempted: false,
    });
  });

  it("[SYNC27] nothing runs as somebody whose token has expired", async () => {
    const client = open();
    client.send(authenticate(0, user(await issuer.token("ada", chat.clock.now(), 10))));
    await identityIs(client, 1);
    await chat.clock.advanceTo(chat.clock.now() + 10_000);
    client.mutate(0, "messages:send", { channel: "x", body: "late" });
    await quiet();
    expect(client.messages.at(-1).type).toBe("AuthError");
    expect(await chat.bodies()).toEqual([]);
  });

  it("[SYNC28] the admin key opens internal functions, acts as any user, and can be put away", async () => {
    const client = open();
    client.modify(0, add(0, "messages:hidden"), add(1, "messages:whoami"));
    await quiet();
    expect(client.results.get(0).type).toBe("QueryFailed");
    const impersonating = { issuer: "https://i", subject: "s", name: "Grace" };
    client.send(authenticate(0, { tokenType: "Admin", value: "admin|key", impersonating }));
    await quiet();
    expect(client.results.get(0).value).toBe("secret");
    expect(client.results.get(1).value).toBe("Grace");
    client.send(authenticate(1, { tokenType: "None" }));
    await quiet();
    expect(client.results.get(0).errorMessage).toContain("Could not find public function");
    client.send(authenticate(2, { tokenType: "Admin", value: "wrong" }));
    await quiet();
    expect(client.messages.at(-1)).toMatchObject({ type: "AuthError", baseVersion: 2 });
  });
});
