/** E-mail addresses as claims: one `@`, no blanks or controls, ASCII domain. */

/** Reads an address; undefined for anything that two programs could read differently. */
export function readEmail(text: string): { readonly address: string; readonly domain: string } | undefined {
  const [local = "", domain = "", ...rest] = text.split("@");
  if (text.length > 320 || rest.length > 0 || !/^[^\s\p{C}"<>,;]+$/u.test(local)) return undefined;
  if (!/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i.test(domain))
    return undefined;
  return { address: text.toLowerCase(), domain: domain.toLowerCase() };
}

/** Addresses and domains that may pass; a domain with `.` or `*.` in front means its subdomains only. */
export interface EmailRule {
  /** True when somebody can pass at all. */
  readonly some: boolean;
  matches(email: string): boolean;
}

/**
 * Builds a rule; `*` among the domains means each readable address.
 *
 * @param asWritten True: domains count with the blanks around them, and `*` means everybody, as in oauth2-proxy.
 */
export function emailRule(emails: Iterable<string>, domains: Iterable<string>, asWritten = false): EmailRule {
  const addresses = new Set(Array.from(emails, (email) => email.trim().toLowerCase()));
  const exact = new Set<string>();
  const below: string[] = [];
  for (const entry of Array.from(domains, (domain) => (asWritten ? domain : domain.trim()).toLowerCase())) {
    const suffix = /^\*?(\.[^*]+)$/.exec(entry)?.[1];
    if (suffix !== undefined) below.push(suffix);
    else if (entry !== "") exact.add(entry);
  }
  const every = exact.has("*");
  return {
    some: addresses.size + exact.size + below.length > 0,
    matches: (text) => {
      if (asWritten && every) return true;
      const email = readEmail(text);
      if (email === undefined) return false;
      if (every || addresses.has(email.address) || exact.has(email.domain)) return true;
      return below.some((suffix) => email.domain.endsWith(suffix));
    },
  };
}
