/** What whole sign-ins have in common: two applications, their rules, and somebody who signs in. */
import { expect } from "vitest";
import type { RulesFile } from "../config.ts";
import type { Browser, Visit } from "./browser.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

/** The world of the test that runs. */
export let world: World;

/** One application for a domain, one for a group. */
export const rules = (host: string): RulesFile => ({
  version: 1,
  applications: {
    one: {
      routes: [{ hosts: [host], paths: ["/iam-one"] }],
      allow: { email_domains: ["example.com"] },
      anonymous_paths: ["^/iam-one/health$"],
    },
    two: { routes: [{ hosts: [host], paths: ["/iam-two"] }], allow: { groups: ["dev"] } },
  },
});

/** Makes the world. */
export async function begin(options: Partial<WorldOptions> = {}): Promise<void> {
  world = await startWorld({ rules, ...options });
}

/** Goes to the page and signs in as an account. */
export async function signIn(browser: Browser, path: string, account: string): Promise<Visit> {
  const form = await browser.visit(world.gateway.origin + path);
  expect(form.url).toContain(`${world.provider.issuer}/interaction/`);
  return browser.submit(form, { login: account, password: "x" });
}

/** Address of a path at the gateway. */
export const at = (path: string) => world.gateway.origin + path;
