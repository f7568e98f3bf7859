/** A program in mode `compat` with a provider that answers as told, and a browser that keeps cookies. */
import { type FakeApi, startFakeApi } from "./fake-api.ts";
import { type Point, startPoint } from "./point.ts";
import { type Answer, ask } from "./question.ts";

/** A running program and its provider. */
export interface CompatWorld {
  readonly api: FakeApi;
  readonly point: Point;
  close(): Promise<void>;
}

/** Starts both. The provider is `api`; every address may sign in unless the environment says otherwise. */
export async function startCompat(environment: Readonly<Record<string, string>> = {}): Promise<CompatWorld> {
  const api = await startFakeApi();
  const point = await startPoint(undefined, {
    OAUTH2_PROXY_PROVIDER: "oidc",
    OAUTH2_PROXY_OIDC_ISSUER_URL: api.origin,
    OAUTH2_PROXY_CLIENT_ID: "client",
    OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_UPSTREAMS: "static://200",
    ...environment,
  });
  return {
    api,
    point,
    close: async () => {
      await point.close();
      await api.close();
    },
  };
}

/** A browser at `app.example.com`: it keeps cookies and follows nothing by itself. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a request with the cookies, and keeps those of the answer. */
  async get(path: string, headers: readonly string[] = []): Promise<Answer> {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const sent = ["Host", "app.example.com", ...(cookie === "" ? [] : ["Cookie", cookie]), ...headers];
    const answer = await ask(this.#port, path, sent);
    for (const text of answer.headers.get("set-cookie")?.split("\n") ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (/Max-Age=0\b/.test(text)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** Begins a login; the parameters that went to the provider. */
  async begin(path = "/oauth2/start?rd=%2Fwanted"): Promise<URLSearchParams> {
    return parametersOf(await this.get(path));
  }
}

/** Parameters of the address that an answer leads to; none when it leads to no other host. */
export function parametersOf(answer: Answer): URLSearchParams {
  const location = answer.headers.get("location") ?? "";
  return URL.canParse(location) ? new URL(location).searchParams : new URLSearchParams();
}

/** The target in a state, or in the state of the login that an answer leads to. */
export function targetOf(answer: Answer): string {
  const state = parametersOf(answer).get("state") ?? "";
  return state.slice(state.indexOf(":") + 1);
}

/** The provider's answer to a login, brought back by a browser. @param change Parameters of the callback that are other than they should be. */
export async function comeBack(
  { api }: CompatWorld,
  browser: Browser,
  login: URLSearchParams,
  change: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const nonce = login.get("nonce") ?? undefined;
  api.routes["/token"] = async () => ({
    json: { access_token: "access", id_token: await api.sign({ nonce }), expires_in: 3600 },
  });
  const query = new URLSearchParams({
    code: "code",
    state: login.get("state") ?? "",
    iss: api.origin,
    ...change,
  });
  return browser.get(`/oauth2/callback?${query}`);
}

/** Requests that reached the token endpoint. */
export const tokenRequests = ({ api }: CompatWorld): number =>
  api.calls.filter(({ url }) => url === "/token").length;
