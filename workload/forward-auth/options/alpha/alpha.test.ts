import fc from "fast-check";
import { expect, test } from "vitest";
import { Faults } from "../faults.ts";
import { flatStructure } from "../flat/structure.ts";
import { readOptions } from "../read.ts";
import { ExpansionError, expand } from "./expand.ts";
import { readAlpha } from "./read.ts";
import { writeAlpha } from "./write.ts";

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the syntax that is tested
const environment = { FOO: "foo", EMPTY: "" };

test.each([
  ["$FOO ${FOO} ${FOO:-d}", "foo foo foo"],
  ["${NO:-d} ${NO-d} ${NO:=d} ${NO=d}", "d d d d"],
  ["[${EMPTY:-d}] [${EMPTY-d}]", "[d] []"],
  ["[${FOO:+other}] [${NO:+other}] [${EMPTY+other}]", "[other] [] [other]"],
  ["${NO:-$FOO} ${NO:-a b} ${NO:-{}}", "foo a b {}"],
  ["$$FOO $${FOO} $1 ${1} ${} $ $-x", "$FOO ${FOO} $1  ${} $ $-x"],
  ["$FOO_x[$NO]${ FOO }", "[]"],
  ["${FOO:?no} ${FOO:0:1} \\$FOO", "foo foo \\foo"],
])("%j is expanded to %j", (text, expected) => {
  expect(expand(text, environment)).toBe(expected);
});

test.each(["${FOO", "a ${", "${NO:-${FOO}}"])("%j cannot be expanded", (text) => {
  expect(() => expand(text, environment)).toThrow(ExpansionError);
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the syntax that is tested

const PROVIDER =
  "providers:\n- {id: idp, provider: oidc, clientID: c1, clientSecret: s1, oidcConfig: {issuerURL: 'https://i'}}\n";

function reading(text: string) {
  const faults = new Faults(true);
  const structure = readAlpha(text, "a.yaml", environment, faults);
  return { structure, faults: faults.list };
}

test("what a file does not say has oauth2-proxy's defaults", () => {
  const { structure, faults } = reading(
    `${PROVIDER}upstreamConfig: {upstreams: [{id: u, path: /, uri: "http://u"}]}\n`,
  );
  expect(faults).toEqual([]);
  expect(structure).toMatchObject({
    proxyRawPath: false,
    server: { bindAddress: "", secureBindAddress: "", tls: undefined },
    upstreams: [
      { passHostHeader: true, proxyWebSockets: true, timeout: 30_000, flushInterval: 1000, static: false },
    ],
    providers: [
      {
        id: "idp",
        clientId: "c1",
        azure: { tenant: "common" },
        oidc: {
          emailClaim: "email",
          groupsClaim: "groups",
          audienceClaims: ["aud"],
          insecureSkipNonce: false,
        },
      },
    ],
  });
});

test("keys match in any case, numbers are durations, a static upstream has no connection", () => {
  const upstreams = `
- {ID: a, PATH: /a, uri: "http://u", TimeOut: 5000000000, flushinterval: 1.5}
- {id: b, path: /b, uri: "http://dropped", static: true, staticCode: 204, timeout: 5s}`;
  const { structure, faults } = reading(
    `${PROVIDER}UpstreamConfig:\n  Upstreams:${upstreams.replaceAll("\n", "\n  ")}\n`,
  );
  expect(faults).toEqual([]);
  expect(structure?.upstreams).toMatchObject([
    { id: "a", path: "/a", timeout: 5000, flushInterval: 1500 },
    { id: "b", uri: "", static: true, staticCode: 204, passHostHeader: false, timeout: 30_000 },
  ]);
});

test("headers have secrets as text, as bytes, by variable or by file, and claims", () => {
  const values =
    "[{secretSource: {value: a}}, {secretSource: {value: [65, 66]}}, {secretSource: {fromEnv: FOO}}, {claimSource: {claim: user, prefix: 'X ', basicAuthPassword: {fromFile: /p}}}]";
  const { structure, faults } = reading(
    `${PROVIDER}injectResponseHeaders: [{name: X-A, InsecureSkipHeaderNormalization: true, values: ${values}}]\n`,
  );
  expect(faults).toEqual([]);
  expect(structure?.responseHeaders).toEqual([
    {
      name: "X-A",
      preserveRequestValue: false,
      insecureSkipHeaderNormalization: true,
      values: [
        { secretSource: { value: "a" } },
        { secretSource: { value: "AB" } },
        { secretSource: { fromEnv: "FOO" } },
        { claimSource: { claim: "user", prefix: "X ", basicAuthPassword: { fromFile: "/p" } } },
      ],
    },
  ]);
});

test.each([
  ["nope: 1", "nope", "unknown key"],
  ["server: {bindAdress: x}", "server.bindadress", "the nearest is bindAddress"],
  ["server: []", "server", "must be a mapping"],
  ["server: {bindAddress: 5}", "server.bindAddress", "must be text"],
  ["Server: {}\nserver: {}", "server", "given twice"],
  ["upstreamConfig: {upstreams: {id: a}}", "upstreamConfig.upstreams", "must be a list"],
  [
    "upstreamConfig: {upstreams: [{static: 'true'}]}",
    "upstreamConfig.upstreams[0].static",
    "must be true or false",
  ],
  [
    "upstreamConfig: {upstreams: [{staticCode: '1'}]}",
    "upstreamConfig.upstreams[0].staticCode",
    "whole number",
  ],
  [
    "upstreamConfig: {upstreams: [{timeout: '5'}]}",
    "upstreamConfig.upstreams[0].timeout",
    "must be a duration",
  ],
  [
    "injectRequestHeaders: [{name: X, values: [{}]}]",
    "injectRequestHeaders[0].values[0]",
    "exactly one of secretSource",
  ],
  [
    "injectRequestHeaders: [{name: X, values: [{claim: user}]}]",
    "injectRequestHeaders[0].values[0].claim",
    "unknown key",
  ],
  [
    "injectRequestHeaders: [{name: X, values: [{secretSource: {value: a, fromEnv: b}}]}]",
    "injectRequestHeaders[0].values[0].secretSource",
    "exactly one of value",
  ],
  ["a: [", "alpha-config", 'Cannot read "a.yaml" (--alpha-config)'],
  ["- 1", "", "must be a mapping"],
  ["a: *b", "alpha-config", "Unresolved alias"],
  ["a: 1\na: 2", "alpha-config", "unique"],
  ["a: $" + "{FOO", "alpha-config", "no closing brace"],
])("refuses %j", (text, option, part) => {
  const { faults } = reading(text);
  expect(faults).toContainEqual({ option, message: expect.stringContaining(part) });
});

test("without providers there is one that lacks everything", () => {
  expect(reading("").structure?.providers).toMatchObject([{ id: "", type: "google", clientId: "" }]);
  expect(reading("providers: []").structure?.providers).toEqual([]);
});

test("a conversion means what the flat options meant", () => {
  const flags = [
    "--provider=keycloak-oidc --allowed-role=r --client-id=c$d --client-secret=a'b --oidc-issuer-url=https://i",
    "--basic-auth-password=yes --set-xauthrequest --pass-access-token --skip-auth-strip-headers=false --prompt=no",
    "--upstream=http://u/a/ --upstream=static://204 --upstream=file:///var/#/f/ --upstream-timeout=1500ms",
    "--tls-cert-file=c --tls-key-file=k --tls-min-version=TLS1.3 --metrics-address=:9 --acr-values=1",
  ];
  const { options, usage } = readOptions(
    {},
    flags.flatMap((line) => line.split(" ")),
  );
  expect(usage).toEqual([]);
  const faults = new Faults();
  const structure = flatStructure(options, faults);
  expect(reading(writeAlpha(structure))).toEqual({ structure, faults: [] });
  expect(faults.list).toEqual([]);
});

test("no text makes it throw", () => {
  const piece = fc.constantFrom(
    "providers",
    "server",
    ":",
    "\n",
    "- ",
    "  ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "<<",
    "$",
    "FOO",
    "'",
    '"',
    "|",
    "!!int ",
    "?",
    ",",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(piece).map((parts) => parts.join("")),
      ),
      (text) => {
        reading(text);
      },
    ),
  );
});
