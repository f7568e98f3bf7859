import { expectTypeOf, test } from "vitest";
import type { ForwardAuthEnvironment, ForwardAuthVariable, RulesFile } from "./config.ts";

test("a misspelt variable is none", () => {
  expectTypeOf<"OAUTH2_PROXY_EMAIL_DOMAINS">().toExtend<ForwardAuthVariable>();
  expectTypeOf<"OAUTH2_PROXY_EMAIL_DOMAIN">().not.toExtend<ForwardAuthVariable>();
  // @ts-expect-error The variable's name ends with an S.
  const environment: ForwardAuthEnvironment = { OAUTH2_PROXY_COOKIE_DOMAIN: "example.com" };
  expectTypeOf(environment).toExtend<object>();
});

test("rules without a version, routes or allow are none", () => {
  expectTypeOf<{ version: 1; applications: Record<string, never> }>().toExtend<RulesFile>();
  expectTypeOf<{ applications: Record<string, never> }>().not.toExtend<RulesFile>();
  expectTypeOf<{ version: 1; applications: { a: { routes: [] } } }>().not.toExtend<RulesFile>();
});
