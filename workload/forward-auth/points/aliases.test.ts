import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Point, startPoint } from "../testing/point.ts";
import { ask, forwarded } from "../testing/question.ts";
import { hasAlias, ownNames } from "./aliases.ts";
import { splitAllow } from "./removal.ts";

const header = (name: string) => ({
  name,
  preserveRequestValue: false,
  insecureSkipHeaderNormalization: false,
  values: [],
});

test("names of the configuration's own have other spellings, those that are known anyway do not count", () => {
  const names = ownNames([header("X-Team-Id"), header("X-Auth-Request-User"), header("Team")]);
  expect([...names]).toEqual(["x-team-id"]);
  for (const name of ["X_Team_Id", "x.team.id", "X-Team_ID"]) expect(hasAlias([name, "x"], names)).toBe(true);
  for (const name of ["X-Team-Id", "X_Team", "Team_Id", "X__Team_Id"])
    expect(hasAlias([name, "x"], names)).toBe(false);
  expect(hasAlias(["Accept", "X_Team_Id"], names)).toBe(false);
});

test("Envoy is told to remove the other spellings of whatever is sent", () => {
  const { set, remove } = splitAllow(["X-Team-Id", "7", "X-Empty-Claim", "", "Set-Cookie", "a=b"]);
  expect(set).toEqual(["X-Team-Id", "7"]);
  expect(remove).toEqual(
    expect.arrayContaining(["x_team_id", "x.team.id", "x-empty-claim", "x_empty_claim"]),
  );
  expect(remove).not.toContain("x-team-id");
});

let folder: string;
let point: Point;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "aliases-"));
  writeFileSync(
    join(folder, "alpha.yaml"),
    `injectResponseHeaders:
  - name: X-Team-Id
    values: [{ claimSource: { claim: email } }]
server: { bindAddress: "127.0.0.1:0" }
upstreamConfig: { upstreams: [{ id: all, path: /, static: true, staticCode: 200 }] }
providers:
  - id: one
    provider: oidc
    clientID: forward-auth
    clientSecret: client-secret-0123456789
    oidcConfig: { issuerURL: "http://127.0.0.1:1" }
`,
  );
  point = await startPoint(
    undefined,
    {
      OAUTH2_PROXY_EMAIL_DOMAINS: "*",
      OAUTH2_PROXY_HTTP_ADDRESS: "",
      OAUTH2_PROXY_SET_XAUTHREQUEST: "",
      OAUTH2_PROXY_REDIRECT_URL: "https://gw.example.com/oauth2/callback",
    },
    ["--alpha-config", join(folder, "alpha.yaml")],
  );
});
afterAll(async () => {
  await point.close();
  rmSync(folder, { recursive: true });
});

test("a configured header reaches the application, another spelling of it is refused", async () => {
  const told = [...forwarded({ host: "gw.example.com", uri: "/" }), "Cookie", point.cookie()];
  const answer = await ask(point.port, "/oauth2/authz/forwarded", told);
  expect([answer.status, answer.headers.get("x-team-id")]).toEqual([202, "ada@example.com"]);
  for (const name of ["X_Team_Id", "x.team-id"])
    expect((await ask(point.port, "/oauth2/authz/forwarded", [...told, name, "7"])).status).toBe(400);
});
