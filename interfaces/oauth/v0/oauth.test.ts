import { decode, encode } from "charmed-iap/interface";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  clientSecret,
  endpoints,
  isSafeClientId,
  oauth,
  type ProviderData,
  secretContent,
  secretLabel,
} from "./index.ts";

const { provider, requirer } = oauth.sides;
const info = endpoints({
  publicUrl: "https://id.test",
  adminUrl: "http://hydra.test:4445",
  jwtAccessTokens: true,
});
const credentials = { client_id: "c-1", client_secret_id: "secret:cq9m2kh5q4ng3d1b0a2g" };

describe("provider databag", () => {
  test("may be written before the client is registered; then the client waits", () => {
    const raw = encode(provider.app, info);
    expect(raw["jwt_access_token"]).toBe("True");
    expect(raw).not.toHaveProperty("ca_chain");
    expect(decode(provider.app, raw)).toEqual({ state: "pending" });
  });

  test("is ready with credentials, which are then certain", () => {
    const read = decode(provider.app, encode(provider.app, { ...info, ...credentials }));
    expect(read).toMatchObject({
      state: "ready",
      data: { ...credentials, ca_chain: [], jwt_access_token: true },
    });
    expectTypeOf<ProviderData["client_id"]>().toEqualTypeOf<string>();
  });

  test("half of the credentials is not enough", () => {
    expect(decode(provider.app, { ...encode(provider.app, info), client_id: "c" })).toEqual({
      state: "pending",
    });
  });

  test.each(["secret:", "hunter2", "secret:cq9m2kh5q4ng3d1b0a2g\n", "file:///etc/passwd"])(
    "refuses the secret %j",
    (id) => {
      const raw = { ...encode(provider.app, { ...info, ...credentials }), client_secret_id: id };
      expect(decode(provider.app, raw)).toMatchObject({
        state: "invalid",
        issues: [{ path: ["client_secret_id"] }],
      });
    },
  );

  test.each(["cq9m2kh5q4ng3d1b0a2g", "secret://8419cd78-4993-4c3a-928e-c646226beeee/cq9m2kh5q4ng3d1b0a2g"])(
    "reads the secret %s",
    (client_secret_id) => {
      expect(
        decode(provider.app, { ...encode(provider.app, info), ...credentials, client_secret_id }).state,
      ).toBe("ready");
    },
  );

  test.each([
    ["true", true],
    ["Yes", true],
    ["0", false],
    ["False", false],
  ])("reads jwt_access_token %s as %s", (word, value) => {
    const read = decode(provider.app, {
      ...encode(provider.app, info),
      ...credentials,
      jwt_access_token: word,
    });
    expect(read).toMatchObject({ data: { jwt_access_token: value } });
  });
});

describe("requirer databag", () => {
  const client = { scope: "openid", grant_types: ["authorization_code"] as const };

  test("demands a redirect URI with authorization_code only", () => {
    expect(() => encode(requirer.app, { ...client, grant_types: [...client.grant_types] })).toThrow(
      /redirect_uri/,
    );
    expect(encode(requirer.app, { scope: "api", grant_types: ["client_credentials"] })).toEqual({
      audience: "[]",
      grant_types: '["client_credentials"]',
      scope: "api",
      token_endpoint_auth_method: "client_secret_basic",
    });
  });

  test.each(["javascript:alert(1)", "https://", "//a.test/cb", "https://a.test/\ncb"])(
    "refuses to redirect to %j",
    (redirect_uri) => {
      const read = decode(requirer.app, {
        scope: "openid",
        grant_types: '["authorization_code"]',
        redirect_uri,
      });
      expect(read.state).toBe("invalid");
    },
  );
});

test("the secret's label and content are upstream's", () => {
  expect(secretLabel(7)).toBe("client_secret_7");
  expect(clientSecret(secretContent("s"))).toBe("s");
  expect([clientSecret({}), clientSecret({ secret: "" }), clientSecret({ other: "x" })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ["123", false],
  ["1e5", false],
  ["true", false],
  ["NaN", false],
  ["3c5e1d0e-5b4f", true],
  ["client_1", true],
  ["", false],
])("isSafeClientId(%j) is %s", (id, safe) => {
  expect(isSafeClientId(id)).toBe(safe);
});
