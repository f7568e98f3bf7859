import { readFile } from "node:fs/promises";
import {
  type CharmErrorCode,
  type CharmRoomError,
  ContainerUnreachableError,
  DatabagInvalidError,
  isCharmError,
  JujuTooOldError,
  NotTrustedError,
  ResourceMissingError,
  SecretUnavailableError,
  WorkloadError,
} from "charmed-iap/charm";
import { expect, test } from "vitest";

/** One of each; a code that is missing here does not compile. */
const errors: { readonly [C in CharmErrorCode]: Extract<CharmRoomError, { code: C }> } = {
  ERR_DATABAG_INVALID: new DatabagInvalidError([{ path: ["a"], message: "must be b" }], "oauth"),
  ERR_SECRET_UNAVAILABLE: new SecretUnavailableError("secret:x"),
  ERR_CONTAINER_UNREACHABLE: new ContainerUnreachableError("web"),
  ERR_JUJU_TOO_OLD: new JujuTooOldError({ feature: "secrets", needs: "3.0.3", running: "2.9.0" }),
  ERR_NOT_TRUSTED: new NotTrustedError("web"),
  ERR_RESOURCE_MISSING: new ResourceMissingError("rules"),
  ERR_WORKLOAD: new WorkloadError("web", "exited quickly"),
};

test.each(Object.entries(errors))("%s is in the README with its class and outcome", async (code, error) => {
  const readme = await readFile(new URL("README.md", import.meta.url), "utf8");
  expect(error.code).toBe(code);
  expect(isCharmError(error)).toBe(true);
  expect(readme).toMatch(new RegExp(`\\| \`${code}\`\\s+\\| \`${error.name}\`\\s+\\| ${error.outcome} `));
});

test("the README's table names no other code", async () => {
  const readme = await readFile(new URL("README.md", import.meta.url), "utf8");
  const named = [...readme.matchAll(/^\| `(ERR_\w+)`/gm)].map((match) => match[1]);
  expect(named.sort()).toEqual(Object.keys(errors).sort());
});
