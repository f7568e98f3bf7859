import { isKeyLength, secretBytes } from "../../session/cookie-secret.ts";
import { formatDuration } from "../duration.ts";
import type { Faults } from "../faults.ts";
import { namesOf } from "../names.ts";
import type { Options } from "../read.ts";

const SAME_SITE: readonly string[] = ["", "lax", "strict", "none"];

/** Why a secret that somebody made may have a length that is none. */
function hint(secret: string): string {
  if (/^[\da-f]{64}$/i.test(secret)) return "; hexadecimal digits count as they are: 32 of them will do";
  const standard = /^[A-Za-z\d+/]+=*$/.test(secret) && /[+/]/.test(secret);
  if (standard && isKeyLength(Buffer.from(secret, "base64").length)) {
    return "; it is standard Base64, write - for + and _ for /";
  }
  const bare = secret.trim().replace(/=+$/, "");
  const decoded = /^[\w-]+$/.test(bare) ? Buffer.from(bare, "base64url").length : 0;
  return decoded > 0 ? `, or ${decoded} bytes when it is decoded` : "";
}

/** The cookie secret must be there and make a key. Undefined: its file could not be read, which was said already. */
export function checkSecret(secret: string | undefined, options: Options, faults: Faults): void {
  if (secret === undefined) return;
  const fromFile = options.cookie_secret === "" && options.cookie_secret_file !== "";
  const key = fromFile ? "cookie_secret_file" : "cookie_secret";
  if (secret === "" && !fromFile) {
    faults.say(
      key,
      `missing setting: ${namesOf("cookie_secret")} or ${namesOf("cookie_secret_file")}, such as the output of "openssl rand -base64 32 | tr -- '+/' '-_'"`,
    );
  } else if (!isKeyLength(secretBytes(secret).length)) {
    const bytes = Buffer.byteLength(secret);
    faults.add(
      key,
      `must be 16, 24, or 32 bytes to create an AES cipher, as they are or in URL-safe Base64, but is ${bytes} bytes${hint(secret)}`,
    );
  }
}

/** Names, lifetimes and attributes of cookies. */
export function checkCookies(options: Options, strict: boolean, faults: Faults): void {
  const { cookie_name, cookie_refresh, cookie_expire } = options;
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(cookie_name)) {
    faults.add("cookie_name", `must be a name such as "_oauth2_proxy", is "${cookie_name.slice(0, 80)}"`);
  }
  if (cookie_name.length > 256) {
    faults.add("cookie_name", `must have at most 256 characters, has ${cookie_name.length}`);
  }
  for (const key of ["cookie_samesite", "cookie_csrf_samesite"] as const) {
    if (SAME_SITE.includes(options[key])) continue;
    faults.add(key, `must be one of ['', 'lax', 'strict', 'none'], is "${options[key]}"`);
  }
  if (cookie_expire !== 0 && cookie_refresh >= cookie_expire) {
    const [refresh, expire] = [formatDuration(cookie_refresh), formatDuration(cookie_expire)];
    faults.add("cookie_refresh", `(${refresh}) must be less than ${namesOf("cookie_expire")} (${expire})`);
  }
  if (options.session_cookie_minimal && cookie_refresh > 0) {
    faults.add(
      "cookie_refresh",
      "needs the provider's tokens in sessions: session_cookie_minimal must be off",
    );
  }
  if (strict) checkAttributes(options, faults);
}

/** What browsers and headers would not take; oauth2-proxy does not look at it. */
function checkAttributes(options: Options, faults: Faults): void {
  if (options.cookie_samesite === "none" && !options.cookie_secure) {
    faults.add("cookie_samesite", '"none" needs cookie_secure: browsers refuse the cookie otherwise');
  }
  if (!/^\/[\x21-\x3a\x3c-\x7e]*$/.test(options.cookie_path)) faults.add("cookie_path", "must be a path");
  for (const domain of options.cookie_domains) {
    if (!/^\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(domain)) {
      faults.add("cookie_domains", `must be domains such as "example.com", has "${domain}"`);
    }
  }
  const hostOnly =
    options.cookie_secure && options.cookie_path === "/" && options.cookie_domains.length === 0;
  if (options.cookie_name.startsWith("__Host-") && !hostOnly) {
    faults.add("cookie_name", 'with "__Host-" needs cookie_secure, cookie_path "/" and no cookie_domains');
  }
}
