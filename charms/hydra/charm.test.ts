import { active, blocked, waiting } from "charmed-iap/charm";
import { type ExecHandler, type StateOf, transition } from "charmed-iap/testing";
import { contractTests, interruptionTests } from "charmed-iap/testing/vitest";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import charm from "./charm.ts";
import { metadataFrom } from "./clients.ts";

/** Answers `hydra` as the stand-in does; what was called is in `calls`. */
function provider(options: { readonly clients?: object[]; readonly fails?: RegExp } = {}) {
  const calls: string[] = [];
  const hydra: ExecHandler = (command) => {
    const text = command.slice(1).join(" ");
    if (text === "version") return { stdout: "Version:    v2.3.0\nBuild:      charmed-iap stand-in\n" };
    calls.push(text.replace(/ --endpoint .*$/, ""));
    if (options.fails?.test(text)) return { stderr: "400: no\n", exitCode: 1 };
    if (command[1] === "list") return { stdout: JSON.stringify({ items: options.clients ?? [] }) };
    const known = (options.clients ?? [{}])[0];
    if (command[1] === "delete") return { stdout: JSON.stringify(command[3]) };
    if (command[2] === "jwk") return { stdout: '{"keys":[{"kid":"key-2"}]}' };
    return {
      stdout: JSON.stringify({ client_id: "client-1x", client_secret: "secret-of-client", ...known }),
    };
  };
  return { calls, containers: { hydra: { exec: { hydra } } } };
}

const requirer = {
  id: 8,
  remoteApp: "proxy",
  remoteAppData: {
    redirect_uri: "https://gw.test/auth/oauth2/callback",
    scope: "openid email",
    grant_types: ["authorization_code" as const],
  },
};
const route = { remoteApp: "traefik", remoteAppData: { external_host: "gw.test", scheme: "https" as const } };
const complete = {
  leader: true,
  relations: { hydra: {}, "public-route": route, oauth: requirer },
} satisfies StateOf<typeof charm>;
const run = (state: StateOf<typeof charm>) => transition(charm, "config-changed", state);

describe("statuses", () => {
  const { containers } = provider();
  const http = { ...route, remoteAppData: { external_host: "gw.test", scheme: "http" as const } };
  test.each<[string, StateOf<typeof charm>, unknown]>([
    ["active", complete, active()],
    [
      "container down",
      { ...complete, containers: { hydra: { canConnect: false } } },
      waiting("Container is not connected yet"),
    ],
    [
      "no route",
      { ...complete, relations: { hydra: {} } },
      blocked("Missing required relation with public-route"),
    ],
    [
      "a route without address",
      { ...complete, relations: { hydra: {}, "public-route": { remoteApp: "traefik" } } },
      waiting("Waiting for ingress to be ready"),
    ],
    [
      "plain HTTP",
      { ...complete, relations: { hydra: {}, "public-route": http } },
      blocked(
        "Requires a secure (HTTPS) public ingress. Either enable HTTPS on public ingress or set 'dev' config to true for local development.",
      ),
    ],
    ["follower before the leader", { ...complete, leader: false }, waiting("Waiting for secrets creation")],
    [
      "the published image",
      {
        ...complete,
        containers: { hydra: { exec: { "hydra version": { stdout: "Version:    v2.3.0\n" } } } },
      },
      blocked("Missing integration pg-database"),
    ],
  ])("%s", async (_title, state, status) => {
    expect((await run({ containers, ...state })).status).toEqual(status);
  });
});

describe("clients", () => {
  test("are registered as soon as they ask, with the secret as a secret (absent weak point 1)", async () => {
    const { calls, containers } = provider();
    const { relations, secrets, logs } = await run({ ...complete, containers });
    expect(calls.some((call) => call.startsWith("create client"))).toBe(true);
    const said = relations.oauth[0]?.localAppData ?? {};
    expect(said).toMatchObject({ issuer_url: "https://gw.test", client_id: "client-1x" });
    const secret = secrets.find(({ label }) => label === "client_secret_8");
    expect(secret).toMatchObject({ content: { secret: "secret-of-client" }, grants: [8] });
    expect(JSON.stringify([relations, logs])).not.toContain("secret-of-client");
  });

  const registered = async () => {
    const first = await run({ ...complete, ...provider() });
    const secrets = first.secrets.map(({ label, content }) => ({ owner: "app" as const, label, content }));
    const peers = { localAppRaw: first.relations.hydra[0]?.localAppData ?? {} };
    return { secrets, relations: { ...complete.relations, hydra: peers } };
  };

  test("unchanged: the provider is not called", async () => {
    const { calls, containers } = provider();
    await run({ ...complete, ...(await registered()), containers });
    expect(calls).toEqual([]);
  });

  test("changed: updated", async () => {
    const { calls, containers } = provider();
    const { secrets, relations } = await registered();
    const oauth = { ...requirer, remoteAppData: { ...requirer.remoteAppData, scope: "openid" } };
    await run({ ...complete, secrets, relations: { ...relations, oauth }, containers });
    expect(calls).toEqual([expect.stringMatching(/^update client client-1x /)]);
  });

  test("one that a killed hook left behind for the same relation goes first", async () => {
    const left = { client_id: "left-over", metadata: { "integration-id": "8" } };
    const { calls, containers } = provider({ clients: [left] });
    await run({ ...complete, containers });
    expect(calls.slice(0, 2)).toEqual(["list clients", "delete client left-over"]);
  });

  test("of a relation that is gone are deleted, with their secret", async () => {
    const { calls, containers } = provider();
    const { secrets, relations } = await registered();
    const { oauth: _gone, ...rest } = relations;
    const after = await run({ ...complete, secrets, relations: rest, containers });
    expect(calls).toEqual(["delete client client-1x"]);
    expect(after.secrets.map(({ label }) => label)).not.toContain("client_secret_8");
  });

  test("a failed deletion keeps the record, so that it is tried again (absent weak point 5)", async () => {
    const { containers } = provider({ fails: /^delete/ });
    const { secrets, relations } = await registered();
    const { oauth: _gone, ...rest } = relations;
    const after = await run({ ...complete, secrets, relations: rest, containers });
    expect(after.status).toEqual(waiting("Waiting for Hydra service"));
    expect(after.relations.hydra[0]?.localAppData["oauth_8"]).toContain("client-1x");
  });

  test("a provider that refuses is waited for", async () => {
    const { containers } = provider({ fails: /^create/ });
    expect((await run({ ...complete, containers })).status).toEqual(waiting("Waiting for Hydra service"));
  });

  test("no route any more: what was said is taken back (absent weak point 11)", async () => {
    const oauth = { ...requirer, localAppRaw: { issuer_url: "https://gw.test" } };
    const { relations } = await run({ ...complete, relations: { hydra: {}, oauth }, ...provider() });
    expect(relations.oauth[0]?.localAppData).toEqual({});
  });
});

describe("actions", () => {
  const layers = {
    own: { services: { hydra: { override: "replace", command: "x", startup: "enabled" } } },
  } as const;
  const serving = (options: Parameters<typeof provider>[0]) => {
    const { containers, calls } = provider(options);
    return { calls, state: { ...complete, containers: { hydra: { ...containers.hydra, layers } } } };
  };
  const params = { "client-id": "abc" };
  const inputs = [
    { action: "create-oauth-client", params: {} },
    { action: "get-oauth-client-info", params },
    { action: "update-oauth-client", params },
    { action: "delete-oauth-client", params },
    { action: "list-oauth-clients" },
    { action: "revoke-oauth-client-access-tokens", params },
    { action: "rotate-key", params: {} },
    { action: "reconcile-oauth-clients" },
  ] as const;

  test.each(inputs)("$action needs the service", async (input) => {
    const { action } = await transition(charm, input, { ...complete, ...provider() });
    expect(action?.failure).toBe("Service is not ready. Please re-run the action when the charm is active");
  });

  const failures = [
    "Failed to create the OAuth client. Please check the juju logs",
    "Failed to get the OAuth client. Please check the juju logs",
    "Failed to get the OAuth client abc. Please check the juju logs",
    "Failed to get the OAuth client abc. Please check the juju logs",
    "Failed to list OAuth clients. Please check the juju logs",
    "Failed to revoke the access tokens of the OAuth client abc. Please check juju logs",
    "Failed to rotate the JWK. Please check the juju logs",
    "Failed to list OAuth clients. Please check the juju logs",
  ];
  test.each(inputs.map((input, index) => [input, failures[index]] as const))(
    "%j fails in the published charm's words, without results (absent weak point 6)",
    async (input, failure) => {
      const { action } = await transition(charm, input, serving({ fails: /./ }).state);
      expect(action).toMatchObject({ failure, results: {} });
    },
  );

  const managed = { client_id: "abc", metadata: { "integration-id": "8" } };
  test.each([
    [
      "update-oauth-client",
      "Cannot update the OAuth client abc because it's managed by an `oauth` integration",
    ],
    [
      "delete-oauth-client",
      "Cannot delete the OAuth client abc because it's managed by an `oauth` integration. Please remove the integration first to delete it.",
    ],
  ] as const)("%s leaves managed clients alone", async (action, failure) => {
    const { state, calls } = serving({ clients: [managed] });
    expect((await transition(charm, { action, params }, state)).action?.failure).toBe(failure);
    expect(calls).toEqual(["get client abc"]);
  });

  test("reconcile-oauth-clients deletes clients of relations that are gone, and is the leader's", async () => {
    const orphan = { client_id: "orphan", metadata: { "integration-id": "99" } };
    const { state, calls } = serving({ clients: [orphan, managed] });
    const input = { action: "reconcile-oauth-clients" } as const;
    const { action } = await transition(charm, input, state);
    expect(action?.log).toEqual(["Successfully deleted 1 clients"]);
    expect(calls).toEqual(["list clients", "delete client orphan"]);
    const follower = await transition(charm, input, { ...state, leader: false });
    expect(follower.action?.failure).toBe("You need to run this action from the leader unit");
  });

  test("create-oauth-client takes what was typed and shows the secret, once", async () => {
    const { state, calls } = serving({});
    const typed = { scope: ["openid", "email"], "grant-types": ["client_credentials"], metadata: "team=web" };
    const { action } = await transition(charm, { action: "create-oauth-client", params: typed }, state);
    expect(action?.results).toMatchObject({ "client-id": "client-1x", "client-secret": "secret-of-client" });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatch(/^create client .*--grant-type client_credentials.*--scope openid,email/);
    expect(calls[0]).toContain('{"team":"web"}');
  });

  test("update-oauth-client keeps what it is not told to change", async () => {
    const known = { client_id: "abc", scope: "openid email", redirect_uris: ["https://a.test/cb"] };
    const { state, calls } = serving({ clients: [known] });
    const changed = { ...params, scope: ["openid"] };
    const { action } = await transition(charm, { action: "update-oauth-client", params: changed }, state);
    expect(action?.failure).toBeUndefined();
    expect(calls).toHaveLength(2);
    expect(calls[1]).toMatch(/^update client abc /);
    expect(calls[1]).toContain("--redirect-uri https://a.test/cb");
    expect(calls[1]).toMatch(/--scope openid(?: |$)/);
  });

  test.each([
    ["delete-oauth-client", ["get client abc", "delete client abc"]],
    ["revoke-oauth-client-access-tokens", ["delete access-tokens abc"]],
  ] as const)("%s answers with the client", async (action, expected) => {
    const { state, calls } = serving({ clients: [{ client_id: "abc" }] });
    expect((await transition(charm, { action, params }, state)).action?.results).toEqual({
      "client-id": "abc",
    });
    expect(calls).toEqual(expected);
  });

  test("list-oauth-clients shows no secrets; rotate-key the new key", async () => {
    const { state } = serving({ clients: [{ client_id: "abc", client_secret: "hidden-secret" }] });
    const listed = await transition(charm, { action: "list-oauth-clients" }, state);
    expect(listed.action?.results["clients"]).toBe('[{"client_id":"abc"}]');
    const rotated = await transition(charm, { action: "rotate-key", params: {} }, state);
    expect(rotated.action?.results).toEqual({ "new-key-id": "key-2" });
  });
});

describe("metadataFrom()", () => {
  test("reads what a person types, and never throws", () => {
    expect(metadataFrom(`a=1 b='two words' c="x y" d=`)).toEqual({ a: "1", b: "two words", c: "x y", d: "" });
    const key = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.dictionary(key, fc.stringMatching(/^[\w .-]*$/)), (pairs) => {
        const text = Object.entries(pairs).map(([name, value]) => `${name}='${value}'`);
        expect(metadataFrom(text.join(" "))).toEqual({ ...pairs });
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => typeof metadataFrom(text) === "object"));
  });
});

contractTests(charm, {
  state: { ...complete, ...provider() },
  names: { "public-route": /public-route|ingress/ },
});
interruptionTests(
  charm,
  ["config-changed", "oauth-relation-changed", "hydra-pebble-ready", "upgrade-charm"],
  { ...complete, ...provider() },
  { randomSecrets: ["cookiesecret", "systemsecret"] },
);
