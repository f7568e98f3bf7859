import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";
import { flagOf, variableOf } from "./names.ts";
import { readOptions } from "./read.ts";
import { KEYS, SPECS } from "./table.ts";

test.each([
  ["168h", 604_800_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["300ms", 300],
  ["0", 0],
  ["0s", 0],
  [".5s", 500],
  ["-1h", -3_600_000],
  ["1us", 0.001],
])("%j lasts %d ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["", "60", "--1h", "1d", "1h 30m", "h", "1e3s", "999999999999999999999h"])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test("reads variables; flags win; an empty variable is unset", () => {
  const environment = {
    OAUTH2_PROXY_CLIENT_ID: "env",
    OAUTH2_PROXY_EMAIL_DOMAINS: "a.com, b.com",
    OAUTH2_PROXY_COOKIE_SECURE: "F",
    OAUTH2_PROXY_COOKIE_REFRESH: "",
    PATH: "/bin",
  };
  const { options, given, problems } = readOptions(environment, [
    "--client-id=flag",
    "--whitelist-domain",
    "a",
    "--whitelist-domain=b,c",
    "--reverse-proxy",
  ]);
  expect(problems).toEqual([]);
  expect(options).toMatchObject({
    client_id: "flag",
    email_domains: ["a.com", " b.com"],
    cookie_secure: false,
    cookie_refresh: 0,
    whitelist_domains: ["a", "b", "c"],
    reverse_proxy: true,
    cookie_expire: 604_800_000,
  });
  expect(given.has("cookie_refresh")).toBe(false);
});

test("names the nearest of what it does not know, and never a secret", () => {
  const { problems, usage, warnings } = readOptions(
    { OAUTH2_PROXY_EMAIL_DOMAIN: "x", OAUTH2_PROXY_COOKIE_SECURE: "yes", OAUTH2_PROXY_COOKIE_EXPIRE: "60" },
    ["--cookie-secert=hidden", "serve", "-x"],
  );
  expect(usage).toEqual([
    "Cannot read --cookie-secert: unknown flag, the nearest is --cookie-secret",
    'Cannot read "-x": unknown shorthand flag, flags begin with two dashes',
  ]);
  expect(warnings).toEqual([
    "Cannot read OAUTH2_PROXY_EMAIL_DOMAIN: unknown option, ignored; the nearest is OAUTH2_PROXY_EMAIL_DOMAINS",
  ]);
  expect(problems).toEqual([
    'Cannot read OAUTH2_PROXY_COOKIE_EXPIRE: cookie_expire (--cookie-expire, OAUTH2_PROXY_COOKIE_EXPIRE) must be a duration such as "1h30m", is "60"',
    'Cannot read OAUTH2_PROXY_COOKIE_SECURE: cookie_secure (--cookie-secure, OAUTH2_PROXY_COOKIE_SECURE) must be true or false, is "yes"',
  ]);
});

test("variables of a Kubernetes Service of the same name are not ours", () => {
  const environment = {
    OAUTH2_PROXY_SERVICE_HOST: "10.0.0.1",
    OAUTH2_PROXY_SERVICE_PORT: "4180",
    OAUTH2_PROXY_SERVICE_PORT_HTTP: "4180",
    OAUTH2_PROXY_PORT: "tcp://10.0.0.1:4180",
    OAUTH2_PROXY_PORT_4180_TCP: "tcp://10.0.0.1:4180",
    OAUTH2_PROXY_PORT_4180_TCP_ADDR: "10.0.0.1",
    OAUTH2_PROXY_K8S_SERVICE_HOST: "10.0.0.1",
    OAUTH2_PROXY_K8S_ENDPOINTS_PORT_65535_TCP_PROTO: "tcp",
  };
  expect(readOptions(environment, []).warnings).toEqual([]);
});

test("every option can be given as its variable and as its flag, with the same meaning", () => {
  const samples = { string: "x", boolean: "true", integer: "3", duration: "1h", list: "a,b" };
  for (const key of KEYS.filter((each) => SPECS[each].flag !== null)) {
    const text = samples[SPECS[key].kind];
    const byVariable = readOptions({ [variableOf(key)]: text }, []);
    const byFlag = readOptions({}, [`--${flagOf(key)}=${text}`]);
    expect(byVariable.problems).toEqual([]);
    expect(byFlag.options).toEqual(byVariable.options);
  }
});

test("no argument makes it throw", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `--${text}`),
        ),
      ),
      (args) => {
        expect(readOptions({}, args).options.http_address).toBe("127.0.0.1:4180");
      },
    ),
  );
});
