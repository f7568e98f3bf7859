import type { LocalData, LocalUnitData, RemoteData, RemoteUnitData } from "charmed-iap/interface";
import { encode } from "charmed-iap/interface";
import { expectTypeOf, test } from "vitest";
import { authProxy } from "./auth_proxy/v0/index.ts";
import { forwardAuth } from "./forward_auth/v0/index.ts";
import { ingress } from "./ingress/v2/index.ts";
import { oauth } from "./oauth/v0/index.ts";
import { tlsCertificates } from "./tls-certificates/v1/index.ts";

const gateway = ingress.provider();
const client = oauth.requirer({ limit: 1 });
const provider = oauth.provider();
const proxy = authProxy.provider();
const server = tlsCertificates.requirer();

test("each role writes its own databags and reads the other's", () => {
  expectTypeOf<LocalData<typeof provider>>().toExtend<{
    issuer_url: string;
    client_id?: string | undefined;
  }>();
  expectTypeOf<RemoteData<typeof client>["client_id"]>().toEqualTypeOf<string>();
  expectTypeOf<RemoteData<typeof client>["ca_chain"]>().toEqualTypeOf<string[]>();
  expectTypeOf<RemoteData<typeof gateway>["scheme"]>().toEqualTypeOf<"http" | "https" | "h2c">();
  expectTypeOf<RemoteUnitData<typeof gateway>["host"]>().toEqualTypeOf<string>();
  expectTypeOf<LocalData<typeof proxy>>().toBeNever();
  expectTypeOf<LocalUnitData<typeof server>>().toEqualTypeOf<LocalData<typeof server>>();
});

test("a misspelt key, a wrong scheme and a missing list are faults of the compiler", () => {
  const bag = forwardAuth.sides.provider.app;
  const wrong = () => [
    // @ts-expect-error app_names is missing.
    encode(bag, { decisions_address: "http://a.test" }),
    // @ts-expect-error The key has an underscore.
    encode(bag, { "decisions-address": "http://a.test", app_names: [] }),
    // @ts-expect-error A list, not a text.
    encode(bag, { decisions_address: "http://a.test", app_names: "a" }),
    // @ts-expect-error No such scheme.
    encode(ingress.sides.requirer.app, { model: "m", name: "a", port: 1, scheme: "ftp" }),
    // @ts-expect-error No such grant type.
    encode(oauth.sides.requirer.app, { scope: "openid", grant_types: ["implicit"] }),
  ];
  expectTypeOf(wrong).toBeFunction();
});
