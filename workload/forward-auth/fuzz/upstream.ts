import assert from "node:assert/strict";
import { HeaderSet } from "../identity/header-set.ts";
import { Secrets } from "../identity/secrets.ts";
import { foldedName } from "../identity/text.ts";
import { ownCookieNames } from "../upstream/own-cookie-names.ts";
import { RequestHeaders } from "../upstream/request-headers.ts";
import { compileRewrite } from "../upstream/rewrite.ts";
import { Routing } from "../upstream/routing.ts";
import { cleanLocation, decodePath, isUnclean, originForm, readTarget } from "../upstream/target.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "/",
  "//",
  "..",
  "%2e",
  "%2F",
  "%5c",
  "%zz",
  "http://h",
  "?",
  "#",
  ";",
  "\n",
  "\nConnection\n",
  "\nX-Forwarded-User\n",
  "\nx_forwarded.USER\n",
  "\nCookie\n_oauth2_proxy=s; a=b",
  "\nTransfer-Encoding\nchunked",
  "\nContent-Length\n5",
  "\nUpgrade\nh2c",
  "\nTE\ntrailers",
  "X-Forwarded-User, Host, Cookie",
  "__proto__",
  "$1",
  "&a=b;c",
];

const owned = new HeaderSet(
  ["X-Forwarded-User", "X-Forwarded-Groups"].map((name) => ({
    name,
    preserveRequestValue: false,
    insecureSkipHeaderNormalization: false,
    values: [],
  })),
  new Secrets({}),
).headers;
const headers = new RequestHeaders({
  owned,
  answers: ["Gap-Auth"],
  isOwnCookie: ownCookieNames("_oauth2_proxy"),
});
const routing = new Routing([
  { path: "/", rewriteTarget: "" },
  { path: "/a/", rewriteTarget: "" },
]);
const rewrite = compileRewrite("^/a/(.*)$", "/b/$1?c=$1");

/** Whatever the target is: clean means clean, and what is sent is a path of one line. */
function checkTarget(url: string): void {
  const target = readTarget(originForm(url).url);
  if (target === undefined) return;
  const location = cleanLocation(target.path, target.query.slice(1));
  assert.equal(location !== undefined, isUnclean(target.path));
  if (location !== undefined && target.path !== "*")
    assert(!isUnclean(location.split("?", 1)[0] ?? ""), "sent in circles");
  const decoded = decodePath(target.path);
  routing.find(decoded, decoded);
  if (rewrite.matches(decoded)) assert.match(rewrite.target(decoded, target.query), /^\/[\x21-\x7e]*$/);
}

/** Whatever the headers are: ours are ours, and what frames a request is not the client's. */
function checkHeaders(rawHeaders: readonly string[]): void {
  const identity = ["X-Forwarded-User", "ours"];
  const { flat } = headers.build({ method: "GET", rawHeaders, peer: "::1", host: undefined, identity });
  assert(flat.length % 2 === 0);
  for (let index = 0; index < flat.length; index += 2) {
    const name = foldedName(flat[index] ?? "");
    assert(
      !/^(?:connection|transfer-encoding|upgrade|keep-alive|trailer|gap-auth|x-forwarded-groups)$/.test(name),
      name,
    );
    if (name === "x-forwarded-user") assert.equal(flat[index + 1], "ours");
    if (name === "cookie") assert(!/(?:^|;\s*)_oauth2_proxy=/.test(flat[index + 1] ?? ""), "session cookie");
  }
}

fuzz(
  (random) => hostileText(random, PIECES, 16),
  (input) => {
    const [url = "", ...raw] = input.split("\n");
    checkTarget(url);
    checkHeaders(raw.length % 2 === 0 ? raw : raw.slice(0, -1));
  },
);
