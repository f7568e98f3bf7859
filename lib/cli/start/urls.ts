import { juju } from "./juju.ts";
import { APPLICATION, AUTHORITY, GATEWAY } from "./topology.ts";

type RunJson = Readonly<Record<string, { readonly results?: Readonly<Record<string, string>> }>>;

async function result(unit: string, action: string, key: string): Promise<string> {
  const answer = JSON.parse(await juju("run", unit, action, "--format", "json")) as RunJson;
  const value = answer[unit]?.results?.[key];
  if (value === undefined) throw new Error(`Cannot run ${action} on ${unit}: no ${key} in its results`);
  return value;
}

/** Where the protected application is reached. */
export async function protectedUrl(): Promise<string> {
  const text = await result(`${GATEWAY}/0`, "show-proxied-endpoints", "proxied-endpoints");
  const endpoints = JSON.parse(text) as Readonly<Record<string, { readonly url: string }>>;
  const url = endpoints[APPLICATION]?.url;
  if (url === undefined)
    throw new Error(`Cannot find the URL of ${APPLICATION}: the gateway has not published it`);
  return `${url}/`;
}

/** The certificate, in PEM, that signed the gateway's. */
export const authorityCertificate = (): Promise<string> =>
  result(`${AUTHORITY}/0`, "get-ca-certificate", "ca-certificate");
