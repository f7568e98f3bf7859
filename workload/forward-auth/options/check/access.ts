import { readFileSync } from "node:fs";
import { readHtpasswd } from "../../htpasswd/file.ts";
import { type Networks, networks } from "../../server/address.ts";
import type { Faults } from "../faults.ts";
import { namesOf } from "../names.ts";
import type { Options } from "../read.ts";
import { unreadable } from "./files.ts";
import { checkIntrospection } from "./provider.ts";

/** Headers that may hold the client's address. */
const ADDRESS_HEADERS: readonly string[] = [
  "X-Forwarded-For",
  "X-Real-IP",
  "X-ProxyUser-IP",
  "X-Envoy-External-Address",
  "CF-Connecting-IP",
];

/** Hashes for the signature of requests. */
const HASHES: readonly string[] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

/** Somebody must be allowed to sign in, and the lists of who may must be readable. */
export function checkPeople(options: Options, faults: Faults): void {
  const { email_domains, authenticated_emails_file, htpasswd_file, rules_file } = options;
  if (email_domains.length === 0 && !authenticated_emails_file && !htpasswd_file && !rules_file) {
    faults.say(
      "email_domains",
      `missing setting for email validation: ${namesOf("email_domains")}, ${namesOf("authenticated_emails_file")}, htpasswd_file or rules_file required; email-domain=* authorises all addresses`,
    );
  }
  for (const key of ["authenticated_emails_file", "htpasswd_file"] as const) {
    const reason = options[key] === "" ? undefined : unreadable(options[key]);
    if (reason !== undefined) faults.add(key, `must be readable, "${options[key]}" is not: ${reason}`);
    else if (key === "htpasswd_file" && htpasswd_file !== "") checkUsers(htpasswd_file, faults);
  }
}

/** A list of local users must have one, and no line that nobody can use. */
function checkUsers(file: string, faults: Faults): void {
  const { users, issues } = readHtpasswd(readFileSync(file, "utf8"));
  for (const issue of issues) faults.add("htpasswd_file", `has a line that is none, ${issue}`);
  if (users.size === 0 && issues.length === 0) faults.add("htpasswd_file", "must have at least one user");
}

/** Addresses and networks; a fault for each that is none. */
export function networksOf(
  key: "trusted_ips" | "trusted_proxy_ips",
  options: Options,
  faults: Faults,
): Networks {
  const good = options[key].filter((entry) => {
    const before = faults.list.length;
    faults.collect(key, () => networks([entry]), undefined);
    return faults.list.length === before;
  });
  return networks(good);
}

/** `issuer=audience` pairs, looked at only where tokens are accepted. */
export function extraIssuersOf(options: Options, faults: Faults) {
  if (!options.skip_jwt_bearer_tokens) return [];
  return options.extra_jwt_issuers.flatMap((text) => {
    const at = text.indexOf("=");
    if (at > 0) return [{ issuer: text.slice(0, at), audience: text.slice(at + 1) }];
    faults.add("extra_jwt_issuers", `must be issuer=audience pairs, "${text}" is none`);
    return [];
  });
}

/** The name of the address header, and the key that signs requests. */
export function checkRequests(options: Options, faults: Faults): void {
  const { reverse_proxy, real_client_ip_header: header, signature_key } = options;
  checkIntrospection(options.introspection_url, (must) => faults.add("introspection_url", must));
  if (reverse_proxy && !ADDRESS_HEADERS.some((each) => each.toLowerCase() === header.toLowerCase())) {
    faults.add("real_client_ip_header", `must be one of ${ADDRESS_HEADERS.join(", ")}, is "${header}"`);
  }
  if (signature_key === "") return;
  const [hash = "", ...rest] = signature_key.split(":");
  if (rest.length !== 1 || !HASHES.includes(hash)) {
    faults.add("signature_key", `must be hash:key with a hash of ${HASHES.join(", ")}`);
  }
}
