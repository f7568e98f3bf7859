import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProviderSettings } from "../options/structure.ts";
import type { Kind } from "./kind.ts";
import { LoginAddress, type LoginPlace } from "./login-address.ts";
import { emptyMetadata } from "./metadata.ts";

const settings = {
  codeChallengeMethod: "",
  loginUrlParameters: [{ name: "prompt", default: ["login again", "ü"], allow: [] }],
  clientId: "client id",
  scope: "openid email",
  authRequestResponseMode: "",
} as unknown as ProviderSettings;
const kind = { scope: () => "openid" } as unknown as Kind;

const placeAt = (authorizationEndpoint: string, more: Partial<LoginPlace> = {}): LoginPlace => ({
  metadata: { ...emptyMetadata("https://op.example"), authorizationEndpoint },
  challengeMethod: "S256",
  usesNonce: true,
  ...more,
});

/** Parameters of a request, none of which may be chosen: the address is then put together anew. */
const NOTHING_CHOSEN = new URLSearchParams();

test("an address is the same whether it is put together or was known but for what each login has of its own", () => {
  const place = fc.constantFrom(
    placeAt("https://op.example/auth"),
    placeAt("https://op.example/auth?tenant=a+b&state=own&zone=z#x"),
    placeAt("https://op.example/auth", { challengeMethod: "" }),
    placeAt("https://op.example/auth", { challengeMethod: "plain", usesNonce: false }),
  );
  const text = fc.string({ unit: "binary", maxLength: 20 });
  const redirectUri = fc.constantFrom("https://app.example/cb", "https://other.example/cb?x=ü&y");
  const verifier = fc.option(text, { nil: undefined });
  const asked = fc.tuple(place, fc.record({ redirectUri, state: text, nonce: text, verifier }));
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 6 }), (all) => {
      const address = new LoginAddress(settings, kind);
      for (const [where, request] of all)
        expect(address.of(where, request)).toBe(address.of(where, { ...request, wanted: NOTHING_CHOSEN }));
    }),
  );
});

test("a provider that moved is asked at its new place at once", () => {
  const address = new LoginAddress(settings, kind);
  const request = { redirectUri: "https://app.example/cb", state: "s", nonce: "n", verifier: undefined };
  expect(address.of(placeAt("https://one.example/a"), request)).toMatch(/^https:\/\/one\.example\/a\?/);
  expect(address.of(placeAt("https://two.example/a"), request)).toMatch(/^https:\/\/two\.example\/a\?/);
});
