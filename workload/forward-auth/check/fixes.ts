/** What to do about a fault of the configuration, by its option. The fault's own words say what it must be. */
import { namesOf } from "../options/names.ts";
import { KEYS, type OptionKey, SPECS } from "../options/table.ts";

const READABLE = "look at the path, and whether the user that the program runs as may read the file";
const CLIENT = "take it from the client that is registered at the provider";
const PEOPLE =
  'name the domains or addresses of those who may pass; "*" is everybody whom the provider signs in';
const REDIS = "such as redis://redis.example.com:6379, or rediss:// over TLS";
const ROUTE = "write it as GET=^/public/ or ^/public/, in RE2";

const FIXES: Readonly<Partial<Record<OptionKey, string>>> = {
  cookie_secret: "make one with: openssl rand -base64 32 | tr -- '+/' '-_'",
  cookie_secret_file: READABLE,
  client_id: CLIENT,
  client_secret: CLIENT,
  client_secret_file: READABLE,
  email_domains: PEOPLE,
  authenticated_emails_file: PEOPLE,
  oidc_issuer_url: "it is what stands before /.well-known/openid-configuration at the provider",
  redirect_url: "set it to the https address of the callback, as it is registered at the provider",
  cookie_refresh: "refresh sooner, or let sessions live longer",
  redis_connection_url: REDIS,
  redis_sentinel_connection_urls: REDIS,
  redis_cluster_connection_urls: REDIS,
  skip_auth_routes: ROUTE,
  skip_auth_regex: ROUTE,
  api_routes: ROUTE,
  upstreams: "such as http://127.0.0.1:8080/, file:///srv/www#/files/ or static://202",
  trusted_proxy_ips: "such as 10.0.0.0/8, the addresses that the gateway asks from",
  trusted_ips: "such as 192.0.2.0/24",
};

/** Keys that are no words of our sentences, as `provider` and `scope` are. */
const NAMES = KEYS.filter((key) => key.includes("_"));

const isKey = (text: string): text is OptionKey => Object.hasOwn(SPECS, text);

/** The option that a sentence is about: the one that it misses, else the first that it names. */
export function optionIn(sentence: string): OptionKey | undefined {
  const at = (key: OptionKey) => sentence.search(new RegExp(`(?<![a-z_-])${key}(?![a-z_-])`));
  const missed = / without ([a-z_]+)/.exec(sentence)?.[1] ?? "";
  if (isKey(missed)) return missed;
  return NAMES.filter((key) => at(key) >= 0).toSorted((a, b) => at(a) - at(b))[0];
}

/** What to do about a fault. @param option A key, a place in an alpha configuration, or empty for a whole file. */
export function fixOf(option: string): string {
  if (option === "") return "correct the file at that place";
  if (!isKey(option)) return "correct that place of the structured configuration";
  return FIXES[option] ?? "correct it, or leave it out for its default";
}

/** All names of an option, unless the sentence has them. */
export function namesFor(option: string | undefined, sentence: string): string {
  if (option === undefined || option === "" || sentence.includes(`${option} (`)) return "";
  if (!isKey(option)) return sentence.includes(option) ? "" : option;
  return namesOf(option);
}
