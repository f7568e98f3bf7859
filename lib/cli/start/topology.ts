/** What `npm start` deploys: the Identity and Access Proxy in front of one application. @module */

/** An application and the command that deploys it. */
export interface Deployment {
  readonly app: string;
  readonly args: readonly string[];
}

export const GATEWAY = "traefik-public";
export const PROVIDER = "hydra";
export const AUTHORITY = "self-signed-certificates";
export const PROXY = "oauth2-proxy";
export const APPLICATION = "whoami";

export const deployments: readonly Deployment[] = [
  { app: AUTHORITY, args: ["self-signed-certificates"] },
  {
    app: GATEWAY,
    args: ["traefik-k8s", GATEWAY, "--trust", "--config", "enable_experimental_forward_auth=true"],
  },
  { app: PROVIDER, args: ["hydra", "--trust"] },
  { app: PROXY, args: ["oauth2-proxy-k8s", PROXY, "--trust"] },
  { app: APPLICATION, args: ["whoami-k8s", APPLICATION] },
];

/** Protection first: an application is never routed before its gateway knows that it is protected. */
export const relations: readonly (readonly [string, string])[] = [
  [`${PROXY}:auth-proxy`, `${APPLICATION}:auth-proxy`],
  [`${PROXY}:forward-auth`, `${GATEWAY}:experimental-forward-auth`],
  [`${GATEWAY}:certificates`, `${AUTHORITY}:certificates`],
  [`${PROVIDER}:public-route`, `${GATEWAY}:traefik-route`],
  [`${PROXY}:ingress`, `${GATEWAY}:ingress`],
  [`${PROXY}:oauth`, `${PROVIDER}:oauth`],
  [`${PROXY}:receive-ca-cert`, `${AUTHORITY}:send-ca-cert`],
  [`${APPLICATION}:ingress`, `${GATEWAY}:ingress`],
];
