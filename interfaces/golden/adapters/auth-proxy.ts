import { decode } from "charmed-iap/interface";
import { appNames, authProxy } from "../../auth_proxy/v0/index.ts";
import { type Adapter, bag, type ReadCase } from "../types.ts";
import { argumentOf, given } from "./calls.ts";

const LISTS = [
  "headers",
  "allowed_endpoints",
  "authenticated_emails",
  "authenticated_email_domains",
] as const;

export const authProxyAdapter: Adapter = {
  readme: "auth_proxy/v0",
  sets: ["protected_urls", "app_names", ...LISTS],
  sides: () => authProxy.sides,
  publish(one) {
    const config = argumentOf(one, "update_auth_proxy_config") ?? one.given.options;
    if (config === undefined || one.role === "provider") return undefined;
    return { app: { ...given(config as object), app_name: one.given.app } };
  },
  understood(one) {
    const parsed = one.outcome.parsed as Record<string, unknown> | null | undefined;
    // Several relations are merged by the charm; a recording of one relation shows the whole of what it says.
    if (parsed === null || parsed === undefined || one.kind === "many" || one.kind === "removed")
      return undefined;
    // Without an event the library's own check refused the databag, and its getters show what is in it unchecked.
    if (one.outcome.result !== "events") return undefined;
    return { ours: ours(one, Object.keys(parsed)), theirs: parsed };
  },
};

function ours(one: ReadCase, keys: readonly string[]): Record<string, unknown> {
  const read = decode(authProxy.sides.requirer.app, bag(one.remote_app));
  const remoteApp = Object.keys(one.remote_unit ?? {})[0]?.split("/")[0] ?? "";
  const lists = LISTS.filter((key) => keys.includes(key)).map((key) => [
    key,
    read.state === "ready" ? read.data[key] : [],
  ]);
  return { app_names: appNames([{ remoteApp, raw: bag(one.remote_app) }]), ...Object.fromEntries(lists) };
}
