/** A request that is recorded on its way through a proxy. */
export interface Case {
  readonly name: string;
  readonly method: string;
  /** Request target as it is sent; latin1 bytes. */
  readonly target: string;
  /** Instead of the proxy's own address. */
  readonly host?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  /** Sent over HTTP/2 without TLS, where the proxy takes that. */
  readonly http2?: true;
}

const UPGRADE = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Version", "13"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
] as const;

/** What somebody sends who speaks of another request, and as another person. */
const FORGED = [
  ["X-Forwarded-Method", "GET"],
  ["X-Forwarded-Proto", "https"],
  ["X-Forwarded-Host", "evil.example"],
  ["X-Forwarded-Uri", "/public/x"],
  ["X-Forwarded-For", "203.0.113.7"],
  ["X-Forwarded-Prefix", "/public"],
  ["X-Original-URL", "http://evil.example/public/x"],
  ["X-Original-Method", "GET"],
  ["X-Auth-Request-Redirect", "https://evil.example/"],
  ["X-Auth-Request-User", "root"],
  ["Forwarded", "host=evil.example"],
] as const;

/** What is recorded of every proxy. */
export const CASES: readonly Case[] = [
  { name: "plain", method: "GET", target: "/a" },
  { name: "post", method: "POST", target: "/form", body: "a=b" },
  { name: "encoded-slash", method: "GET", target: "/a%2Fb" },
  { name: "dot-segments", method: "GET", target: "/a/../b" },
  { name: "encoded-dot-segments", method: "GET", target: "/a/%2e%2e/b" },
  { name: "double-slashes", method: "GET", target: "/a//b" },
  { name: "semicolons", method: "GET", target: "/a;v=1/b;c" },
  { name: "encoded-hash", method: "GET", target: "/a%23b" },
  { name: "query", method: "GET", target: "/a?x=1&y=%26&z=%23&p=%25&q=a+b" },
  { name: "encoded-utf8", method: "GET", target: "/caf%C3%A9" },
  { name: "raw-utf8", method: "GET", target: "/caf\u00c3\u00a9" },
  { name: "ipv6-host", method: "GET", target: "/a", host: "[::1]:8080" },
  { name: "websocket", method: "GET", target: "/socket", headers: UPGRADE },
  {
    name: "cookie-crumbs",
    method: "GET",
    target: "/a",
    headers: [
      ["cookie", "a=1"],
      ["cookie", "b=2"],
    ],
    http2: true,
  },
  { name: "forged", method: "PUT", target: "/a", headers: FORGED },
];
