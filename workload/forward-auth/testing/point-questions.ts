/** What gateways of each kind ask, for tests. */
import type { TestProvider } from "./provider.ts";
import type { Answer } from "./question.ts";

/** The gateway, as users see it. */
export const ORIGIN = "https://gw.example.com";
/** A browser that somebody waits at. */
export const HTML = ["Accept", "text/html", "Sec-Fetch-Mode", "navigate"];
/** Where a sign-in begins, up to the page to return to. */
export const START = `${ORIGIN}/oauth2/start?rd=`;
/** A request to the application. */
export const target = { host: "gw.example.com", uri: "/app/x?a=1&b=2" };
/** Headers that ingress-nginx tells of a request. */
export const ingress = (url: string, method = "GET") => ["X-Original-URL", url, "X-Original-Method", method];
/** Headers of a check of Envoy. */
export const envoy = (host = "gw.example.com") => ["Host", host, "X-Forwarded-Proto", "https"];
/** The status alone. */
export const statusOf = async (answer: Promise<Answer>) => (await answer).status;

/** Variables of the client at a provider. */
export const clientOf = ({ issuer }: TestProvider) => ({
  OAUTH2_PROXY_OIDC_ISSUER_URL: issuer,
  OAUTH2_PROXY_CLIENT_ID: "forward-auth",
  OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
});
