/** The configuration by itself: whether it holds together, and what parts of it mean for each other. */
import { isIP } from "node:net";
import { hostPattern, readHost } from "../rules/host.ts";
import { cookieDomain } from "../server/context.ts";
import { isKeyLength, secretBytes } from "../session/cookie-secret.ts";
import { ConfigurationError, readSettings, type Settings } from "../settings.ts";
import { type Finding, Findings } from "./finding.ts";
import { fixOf, optionIn } from "./fixes.ts";

/** What a cookie secret is made of, in words. */
function secretInWords(secret: string): string {
  const key = secretBytes(secret);
  const given = Buffer.byteLength(secret);
  if (!isKeyLength(key.length)) return `${given} bytes, which is no key`;
  const decoded = key.length !== given;
  const how = decoded ? `URL-safe Base64 of ${key.length} bytes` : `${key.length} bytes as they are`;
  return `${given} characters, read as ${how}: AES-${key.length * 8}`;
}

/** The secret's line break is the fault that nobody sees. */
function aboutSecret(settings: Settings, findings: Findings): void {
  const { cookieSecret } = settings;
  findings.ok(`cookie_secret: ${secretInWords(cookieSecret)}`);
  if (/[\r\n]$/.test(cookieSecret)) {
    findings.warn("cookie_secret_file ends with a line break, which is part of the secret", {
      option: "cookie_secret_file",
      fix: "write it without one on every replica, or with one on every replica: cookies are signed with all bytes",
    });
  }
}

/** Whether a login can set its cookie, and come back to the application. */
function aboutAddresses(settings: Settings, url: URL | undefined, findings: Findings): void {
  const { publicAddress, options } = settings;
  const home = publicAddress === undefined ? undefined : readHost(publicAddress.host);
  if (publicAddress === undefined || home === undefined) {
    findings.warn("redirect_url names no host: the callback is on whatever host a request names", {
      option: "redirect_url",
      fix: `set it to https://<host>${options.proxy_prefix}/callback, as it is registered at the provider`,
    });
    return;
  }
  findings.ok(`callback: ${publicAddress.callback}`);
  const own = `${options.proxy_prefix}/callback`;
  const { origin, pathname } = new URL(publicAddress.callback);
  if (!pathname.endsWith(own)) {
    findings.warn(`redirect_url leads to ${pathname}, but the callback is at ${own}: logins end there`, {
      option: "redirect_url",
      fix: `set it to ${origin}${own}, at the provider as well, or have the gateway lead the one to the other`,
    });
  }
  const covered =
    options.cookie_domains.length === 0 || cookieDomain(options.cookie_domains, home.name) !== "";
  if (!covered) {
    findings.problem(
      `no cookie_domains covers "${home.name}", the host of redirect_url: browsers refuse the cookie`,
      {
        option: "cookie_domains",
        fix: `name a domain that "${home.name}" is in, or none`,
      },
    );
  }
  if (url !== undefined) aboutReturn(settings, home.name, url, findings);
}

/** How two hosts can have one cookie. */
function sharing(home: string, other: string): string {
  const labels = home.split(".");
  const shared = labels
    .map((_, index) => labels.slice(index).join("."))
    .find((name) => `.${other}`.endsWith(`.${name}`));
  return shared?.includes(".") === true && isIP(home) === 0
    ? `".${shared}" is the domain that both are in; every host in it gets the cookie then`
    : "the two have no domain in common: have the sign-in on the application's own host, with redirect_url";
}

/** Whether the application at another host gets the cookie, and may be returned to. */
function aboutReturn({ options, mode }: Settings, home: string, url: URL, findings: Findings): void {
  const host = readHost(url.host);
  if (host === undefined || host.name === home) return;
  const domain = cookieDomain(options.cookie_domains, home);
  if (domain === "" || !(host.name === domain || host.name.endsWith(`.${domain}`))) {
    findings.problem(
      `the session cookie of "${home}" does not reach "${host.name}": logins go round in circles`,
      { option: "cookie_domains", fix: sharing(home, host.name) },
    );
  }
  const scheme = url.protocol.slice(0, -1);
  const listed = options.whitelist_domains.some((text) =>
    hostPattern(text, { apex: true })?.matches(host, scheme),
  );
  if (!listed && (mode === "compat" || options.rules_file === "")) {
    findings.problem(`after a login nobody is sent back to "${url.host}": it is not in whitelist_domains`, {
      option: "whitelist_domains",
      fix: `add "${url.host}"`,
    });
  }
}

/** What became of the configuration; settings only when it holds together. */
export interface ConfigurationCheck {
  readonly findings: readonly Finding[];
  readonly settings: Settings | undefined;
}

/**
 * Checks the configuration.
 *
 * @param url An application's address, for what depends on it.
 * @throws {UsageError} When the command line has a fault.
 */
export function checkConfiguration(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
  url: URL | undefined,
): ConfigurationCheck {
  const findings = new Findings("configuration");
  try {
    const settings = readSettings(environment, args);
    aboutSecret(settings, findings);
    aboutAddresses(settings, url, findings);
    for (const warning of settings.warnings) {
      const option = optionIn(warning);
      findings.warn(warning, option === undefined ? {} : { option });
    }
    return { findings: findings.list, settings };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const { option, message } of error.faults) {
      findings.problem(message, { ...(option === "" ? {} : { option }), fix: fixOf(option) });
    }
    return { findings: findings.list, settings: undefined };
  }
}
