import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Point, startPoint } from "../testing/point.ts";
import { ask, forwarded } from "../testing/question.ts";
import { tokenOf } from "./bearer.ts";

let issuer = "";
let server: Server;
let point: Point;
let down = false;
let fetches = 0;
const keys = await generateKeyPair("RS256");
const others = await generateKeyPair("RS256");

beforeAll(async () => {
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k1", use: "sig", alg: "RS256" };
  server = createServer((request, response) => {
    fetches++;
    if (down) response.writeHead(500).end();
    else if (request.url === "/jwks") response.end(JSON.stringify({ keys: [jwk] }));
    else response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rules = {
    version: 1 as const,
    applications: { app: { routes: [{ hosts: ["gw.localhost:8443"] }], allow: { groups: ["ops"] } } },
  };
  point = await startPoint(rules, {
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_REDIRECT_URL: "https://gw.localhost:8443/p/oauth2/callback",
    OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: "true",
    OAUTH2_PROXY_BEARER_TOKEN_LOGIN_FALLBACK: "false",
    OAUTH2_PROXY_EXTRA_JWT_ISSUERS: `${issuer}=client`,
  });
});
afterAll(async () => {
  await point.close();
  server.close();
  server.closeAllConnections();
});

const now = () => Math.floor(Date.now() / 1000);
const claims = (): JWTPayload => ({
  iss: issuer,
  aud: "client",
  sub: "machine",
  groups: ["ops"],
  exp: now() + 600,
});
const sign = (payload: JWTPayload, key = keys.privateKey, header: Record<string, unknown> = {}) =>
  new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: "k1", ...header }).sign(key);
const status = async (authorization: string) =>
  (await ask(point.port, "/", [...forwarded(), "Authorization", authorization])).status;

test("a good token passes like a session, in each form", async () => {
  const token = await sign(claims());
  for (const text of [
    `Bearer ${token}`,
    `bearer ${token}`,
    `Basic ${btoa(`${token}:`)}`,
    `Basic ${btoa(`x:${token}`)}`,
  ]) {
    const answer = await ask(point.port, "/", [...forwarded(), "Authorization", text]);
    expect([answer.status, answer.headers.get("x-auth-request-user")]).toEqual([200, "machine"]);
  }
  const asked = fetches;
  expect(await status(`Bearer ${await sign({ ...claims(), jti: "2" })}`)).toBe(200);
  expect(fetches).toBe(asked);
});

test("rules hold for tokens too", async () => {
  expect(await status(`Bearer ${await sign({ ...claims(), groups: ["dev"] })}`)).toBe(403);
});

test("what is not exactly right is refused", async () => {
  const good = claims();
  const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
  const bad = [
    await sign({ ...good, iss: `${issuer}/` }),
    await sign({ ...good, aud: "other" }),
    await sign(without("aud")),
    await sign({ ...good, exp: now() - 1 }),
    await sign(without("exp")),
    await sign(without("sub")),
    await sign({ ...good, nbf: now() + 360 }),
    await sign({ ...good, email: "a@b.com", email_verified: false }),
    await sign(good, others.privateKey),
    await sign(good, keys.privateKey, { kid: "other" }),
    await sign(good, keys.privateKey, { crit: ["x"] }).catch(() => "ey.ey.x"),
    new UnsecuredJWT(good).encode(),
    await new SignJWT(good)
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .sign(new TextEncoder().encode("client")),
    `${(await sign(good)).split(".").slice(0, 2).join(".")}.`,
    `${await sign(good)}x`,
    "nonsense",
  ];
  for (const token of bad) expect(await status(`Bearer ${token}`)).toBe(403);
  for (const text of ["Bearer", "Bearer ", `Bearer  ${await sign(good)}`, "Basic YTpi", "Digest x"])
    expect(await status(text)).toBe(403);
});

test("an issuer that cannot be asked is no allow", async () => {
  const rules = {
    version: 1 as const,
    applications: { app: { routes: [{ hosts: ["gw.localhost:8443"] }], allow: { groups: ["ops"] } } },
  };
  const fresh = await startPoint(rules, {
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_REDIRECT_URL: "https://gw.localhost:8443/p/oauth2/callback",
    OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: "true",
    OAUTH2_PROXY_EXTRA_JWT_ISSUERS: `${issuer}=client`,
  });
  const headers = [...forwarded(), "Authorization", `Bearer ${await sign(claims())}`];
  down = true;
  expect((await ask(fresh.port, "/", headers)).status).toBe(503);
  down = false;
  await expect.poll(async () => (await ask(fresh.port, "/", headers)).status).toBe(200);
  await fresh.close();
});

test("reads the header strictly", () => {
  expect(tokenOf("Bearer eyJ.eyJ.x ")).toBe("eyJ.eyJ.x");
  expect(tokenOf("Bearer a.b.c")).toBe("a.b.c");
  expect(tokenOf("Bearer a,b")).toBeUndefined();
  expect(tokenOf("Basic !!")).toBeUndefined();
});
