/** S-15, S-20: a token that nobody can verify is neither good nor bad. */
import { expect, test } from "vitest";
import { Browser, startCompat } from "../testing/compat-world.ts";
import { ask } from "../testing/question.ts";

test("S-20 while the issuer's keys cannot be had, a bearer token is answered 503, and a session goes on without one", async () => {
  const world = await startCompat({ OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: "true" });
  const token = await world.api.sign();
  world.api.routes["/jwks"] = { status: 500 };
  for (const path of ["/oauth2/auth", "/app", "/oauth2/userinfo"])
    expect((await ask(world.point.port, path, ["Authorization", `Bearer ${token}`])).status).toBe(503);
  expect((await ask(world.point.port, "/oauth2/auth", ["Cookie", world.point.cookie()])).status).toBe(202);
  world.api.routes["/jwks"] = { json: { keys: [world.api.jwk] } };
  await world.close();
});

test("S-15 a token that is none is a request without one, or 403 where no login may follow", async () => {
  for (const [fallback, expected] of [
    ["true", 401],
    ["false", 403],
  ] as const) {
    const world = await startCompat({
      OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: "true",
      OAUTH2_PROXY_BEARER_TOKEN_LOGIN_FALLBACK: fallback,
    });
    const forged = `${await world.api.sign()}x`;
    const answer = await ask(world.point.port, "/oauth2/auth", ["Authorization", `Bearer ${forged}`]);
    expect(answer.status).toBe(expected);
    expect((await new Browser(world.point.port).get("/oauth2/auth")).status).toBe(401);
    await world.close();
  }
});
