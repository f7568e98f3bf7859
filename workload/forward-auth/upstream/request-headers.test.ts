import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HeaderSet } from "../identity/header-set.ts";
import { Secrets } from "../identity/secrets.ts";
import { foldedName } from "../identity/text.ts";
import { ownCookieNames } from "./own-cookie-names.ts";
import { RequestHeaders } from "./request-headers.ts";

const header = (name: string, more: { preserve?: boolean; exact?: boolean } = {}) => ({
  name,
  preserveRequestValue: more.preserve ?? false,
  insecureSkipHeaderNormalization: more.exact ?? false,
  values: [{ secretSource: { value: "ours" } }],
});
const NAMES = ["X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "Authorization"];
const owned = (headers: ReturnType<typeof header>[]) => new HeaderSet(headers, new Secrets({})).headers;
const headers = new RequestHeaders({
  owned: owned(NAMES.map((name) => header(name))),
  answers: ["Gap-Auth", "X-Auth-Request-User"],
  isOwnCookie: ownCookieNames("_oauth2_proxy"),
});

const IDENTITY = ["X-Forwarded-User", "ours"];
const built = (rawHeaders: readonly string[], builder = headers, method = "GET") =>
  builder.build({ method, rawHeaders, peer: "10.0.0.1", host: undefined, identity: IDENTITY });
const pairs = (flat: readonly string[]) =>
  flat.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${flat[index + 1]}`] : []));

test("names are Go's; the address of the peer is added to those before it", () => {
  const sent = ["host", "h", "x-one", "1", "X-Forwarded-For", "1.1.1.1", "x-forwarded-for", "2.2.2.2"];
  expect(pairs(built(sent).flat)).toEqual([
    "Host: h",
    "X-One: 1",
    "X-Forwarded-For: 1.1.1.1, 2.2.2.2, 10.0.0.1",
    "X-Forwarded-User: ours",
    "Accept-Encoding: gzip",
  ]);
});

test("whatever the client sends, an owned header has our value or none, in no spelling another", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "Connection",
      "Cookie",
      "X-Other",
      "Keep-Alive",
      "Transfer-Encoding",
      "Host",
      "Content-Length",
    ),
    fc.constantFrom(...NAMES, "Gap-Auth", "X-Auth-Request-User").chain((owned) =>
      fc.array(fc.constantFrom("_", ".", "-"), { minLength: 4, maxLength: 4 }).chain((marks) =>
        fc.boolean().map((upper) => {
          let index = 0;
          const spelt = owned.replace(/-/g, () => marks[index++] ?? "-");
          return upper ? spelt.toUpperCase() : spelt;
        }),
      ),
    ),
  );
  const value = fc.oneof(fc.string(), fc.constantFrom(...NAMES, "X-Forwarded-User, close", "trailers"));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (sent) => {
      const lines = pairs(built(sent.flat()).flat);
      const named = (line: string) => line.slice(0, line.indexOf(": "));
      const folded = new Set([...NAMES, "Gap-Auth", "X-Auth-Request-User"].map(foldedName));
      expect(lines.filter((line) => folded.has(foldedName(named(line))))).toEqual(["X-Forwarded-User: ours"]);
      expect(
        lines.map(named).filter((name) => /^(?:transfer-encoding|connection|host)$/i.test(name)),
      ).toEqual(["Host"]);
    }),
  );
});

test("a client cannot have removed what others rely on, but its own headers", () => {
  const listed = "X-Forwarded-User, X-Forwarded-For, X-Real-IP, Host, Content-Length, X-Mine, TE";
  const sent = [
    "Connection",
    listed,
    "Host",
    "h",
    "X-Mine",
    "1",
    "X-Real-IP",
    "9.9.9.9",
    "TE",
    "trailers, x",
  ];
  expect(pairs(built(sent).flat)).toEqual([
    "Host: h",
    "X-Real-Ip: 9.9.9.9",
    "X-Forwarded-For: 10.0.0.1",
    "X-Forwarded-User: ours",
    "Te: trailers",
    "Accept-Encoding: gzip",
  ]);
});

test("our cookies stay here, others go on", () => {
  const sent =
    "a=1; _oauth2_proxy=s; _oauth2_proxy_1=t; _oauth2_proxy_csrf=c; _oauth2_proxy_abcd1234_csrf=c; _oauth2_proxy_other=o; _oauth2_proxyX=x";
  expect(pairs(built(["Cookie", sent]).flat)).toContain(
    "Cookie: a=1; _oauth2_proxy_other=o; _oauth2_proxyX=x",
  );
  expect(built(["Cookie", "_oauth2_proxy=s"]).flat).not.toContain("Cookie");
  expect(pairs(built(["Cookie", "a=1", "cookie", "b=2"]).flat)).toContain("Cookie: a=1; b=2");
});

test("a preserved value stays in front of ours, other spellings pass", () => {
  const builder = new RequestHeaders({
    owned: owned([header("X-Forwarded-User", { preserve: true })]),
    answers: [],
    isOwnCookie: () => false,
  });
  const sent = ["x-forwarded-user", "a", "X-Forwarded-User", "b", "X_Forwarded_User", "c"];
  expect(pairs(built(sent, builder).flat)).toContain("X-Forwarded-User: a,b,ours");
  expect(pairs(built(sent, builder).flat)).toContain("X_forwarded_user: c");
});

test("with header normalization skipped, only the exact name is ours", () => {
  const builder = new RequestHeaders({
    owned: owned([header("x_name", { exact: true })]),
    answers: [],
    isOwnCookie: () => false,
  });
  const { flat } = built(["X_NAME", "a", "X-Name", "b"], builder);
  expect(pairs(flat)).toContain("X-Name: b");
  expect(pairs(flat)).not.toContain("X_name: a");
});

test.each([
  ["GET", [], "none", undefined],
  ["POST", [], "none", "0"],
  ["PATCH", ["Content-Length", "0"], "none", "0"],
  ["DELETE", [], "none", undefined],
  ["DELETE", ["Content-Length", "3"], "length", "3"],
  ["GET", ["Transfer-Encoding", "chunked", "Content-Length", "3"], "chunked", undefined],
])("%s with %j has a body of kind %s and length %s", (method, sent, body, length) => {
  const made = built(sent as string[], headers, method as string);
  expect(made.body).toBe(body);
  const at = made.flat.indexOf("Content-Length");
  expect(at === -1 ? undefined : made.flat[at + 1]).toBe(length);
});
