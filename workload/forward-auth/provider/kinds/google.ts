/**
 * Google accounts, with groups of Google Workspace.
 *
 * @see developers.google.com: identity/openid-connect, admin-sdk/directory/reference/rest/v1/members
 */
import { SignJWT } from "jose";
import type { ProviderSettings } from "../../options/structure.ts";
import { readSigningKey } from "../client-authentication.ts";
import { listMember, member, readObject, textMember } from "../json.ts";
import type { Answer, ApiAnswer, Kind } from "../kind.ts";
import { Outgoing } from "../outgoing.ts";
import { type Identity, ProviderError } from "../provider.ts";
import { readSecretFile } from "../secret.ts";
import { readTokens } from "../token-endpoint.ts";

const ISSUER = "https://accounts.google.com";
const DIRECTORY = "https://admin.googleapis.com/admin/directory/v1";
const METADATA = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default";
const CREDENTIALS = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts";
const TOKEN = "https://oauth2.googleapis.com/token";
const SCOPES = "https://www.googleapis.com/auth/";

/** Scopes that let members be looked up, the smallest first. */
const GROUP_SCOPES = [
  "admin.directory.group.member.readonly",
  "admin.directory.group.readonly",
  "admin.directory.group.member",
  "admin.directory.group",
];

const USER_SCOPES: Readonly<Record<string, string>> = {
  cloud: "cloud-platform",
  user: "admin.directory.user",
};

/** Seconds before its end at which an access token is fetched anew. */
const MARGIN = 60;

/** Most pages that are read. */
const MOST_PAGES = 50;

/** Where Google is; tests put another place here. */
export interface GooglePlaces {
  readonly directory: string;
  readonly token: string;
  readonly metadata: string;
  readonly credentials: string;
}

const PLACES: GooglePlaces = {
  directory: DIRECTORY,
  token: TOKEN,
  metadata: METADATA,
  credentials: CREDENTIALS,
};

/** True when groups or the organisation's id are asked for. */
const usesDirectory = ({ google }: ProviderSettings): boolean =>
  google.serviceAccountJson !== "" || google.useApplicationDefaultCredentials || google.useOrganizationId;

/** Access tokens for the directory, in the name of an administrator. */
class DirectoryAccess {
  readonly #settings: ProviderSettings;
  readonly #places: GooglePlaces;
  readonly #outgoing: Outgoing;
  #token: { readonly text: string; readonly until: number } | undefined;

  constructor(settings: ProviderSettings, places: GooglePlaces) {
    this.#settings = settings;
    this.#places = places;
    const insecure = places.token.startsWith("http:") || settings.google.useApplicationDefaultCredentials;
    const none = { caFiles: [], useSystemTrustStore: false, certificateFile: "", keyFile: "" };
    this.#outgoing = new Outgoing({ ...none, insecure, linkLocal: true });
  }

  /** @throws {ProviderError} When no scope is granted. */
  async token(now: number): Promise<string> {
    if (this.#token !== undefined && this.#token.until > now) return this.#token.text;
    const { useOrganizationId, adminApiUserScope } = this.#settings.google;
    const user = USER_SCOPES[adminApiUserScope] ?? "admin.directory.user.readonly";
    for (const scope of GROUP_SCOPES) {
      const scopes = [scope, ...(useOrganizationId ? [user] : [])].map((name) => SCOPES + name).join(" ");
      try {
        const { accessToken, expiresOn } = await this.#ask(scopes, now);
        this.#token = { text: accessToken, until: (expiresOn ?? now + 300_000) - MARGIN * 1000 };
        return accessToken;
      } catch (error) {
        if (!(error instanceof ProviderError && error.reason === "unauthorized_client")) throw error;
      }
    }
    throw new ProviderError("unusable", "google-scopes");
  }

  async #ask(scope: string, now: number) {
    const assertion = this.#settings.google.useApplicationDefaultCredentials
      ? await this.#signedByService(scope, now)
      : await this.#signedByKey(scope, now);
    const body = new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await this.#outgoing.ask(this.#places.token, {
      method: "POST",
      headers,
      body: body.toString(),
    });
    return readTokens(answer, now);
  }

  #claims(issuer: string, scope: string, now: number) {
    const iat = Math.floor(now / 1000);
    const { adminEmail } = this.#settings.google;
    const subject = adminEmail === "" ? {} : { sub: adminEmail };
    return { iss: issuer, scope, aud: this.#places.token, iat, exp: iat + 3600, ...subject };
  }

  async #signedByKey(scope: string, now: number): Promise<string> {
    const account = readObject(readSecretFile(this.#settings.google.serviceAccountJson));
    const { key } = await readSigningKey(textMember(account, "private_key"));
    const header = { alg: "RS256", kid: textMember(account, "private_key_id") };
    const claims = this.#claims(textMember(account, "client_email"), scope, now);
    return new SignJWT(claims).setProtectedHeader(header).sign(key);
  }

  /** The machine's own identity has the account sign for it. */
  async #signedByService(scope: string, now: number): Promise<string> {
    const flavor = { "metadata-flavor": "Google" };
    const own = await this.#outgoing.ask(`${this.#places.metadata}/token`, { headers: flavor });
    const { accessToken } = readTokens(own, now);
    let principal = this.#settings.google.targetPrincipal;
    if (principal === "") {
      principal = (
        await this.#outgoing.ask(`${this.#places.metadata}/email`, { headers: flavor })
      ).text.trim();
    }
    const url = `${this.#places.credentials}/${encodeURIComponent(principal)}:signJwt`;
    const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
    const body = JSON.stringify({ payload: JSON.stringify(this.#claims(principal, scope, now)) });
    const answer = await this.#outgoing.ask(url, { method: "POST", headers, body });
    const signed = textMember(readObject(answer.text), "signedJwt");
    if (signed === "") throw new ProviderError("outage", `google-sign-status-${answer.status}`);
    return signed;
  }
}

/** Questions to the directory. */
class Directory {
  readonly #answer: Answer;
  readonly #base: string;
  readonly #token: string;

  constructor(answer: Answer, base: string, token: string) {
    this.#answer = answer;
    this.#base = base;
    this.#token = token;
  }

  #ask(path: string): Promise<ApiAnswer> {
    return this.#answer.ask(`${this.#base}${path}`, { token: this.#token });
  }

  /** Members of another domain are not found by `hasMember`, which then says 400; their own entry tells. */
  async isMember(group: string, email: string): Promise<boolean> {
    const [name, person] = [encodeURIComponent(group), encodeURIComponent(email)];
    const { status, json } = await this.#ask(`/groups/${name}/hasMember/${person}`);
    if (status === 200) return member(json, "isMember") === true;
    if (status !== 400) {
      this.#answer.warn(`membership in group "${group}" not told: status ${status}`);
      return false;
    }
    const entry = await this.#ask(`/groups/${name}/members/${person}`);
    return entry.status === 200 && textMember(entry.json, "status") === "ACTIVE";
  }

  async groupsOf(email: string): Promise<readonly string[]> {
    const groups: string[] = [];
    let page = "";
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const query = new URLSearchParams({
        userKey: email,
        maxResults: "200",
        ...(page && { pageToken: page }),
      });
      const { status, json } = await this.#ask(`/groups?${query}`);
      if (status !== 200) {
        this.#answer.warn(`groups not told: status ${status}`);
        return [];
      }
      groups.push(...listMember(json, "groups").map((group) => textMember(group, "email")));
      page = textMember(json, "nextPageToken");
      if (page === "") break;
    }
    return groups.filter((group) => group !== "");
  }

  async organizationId(email: string): Promise<string> {
    const { json } = await this.#ask(`/users/${encodeURIComponent(email)}`);
    const ids = listMember(json, "externalIds").filter((id) => textMember(id, "type") === "organization");
    const found = ids.map((id) => textMember(id, "value")).find((value) => value !== "");
    if (found === undefined) throw new ProviderError("person", "no-organization-id");
    return found;
  }
}

/** Google, at its own or at other places. */
export function googleAt(places: GooglePlaces): Kind {
  const accesses = new WeakMap<ProviderSettings, DirectoryAccess>();
  const directoryOf = async (answer: Answer): Promise<Directory> => {
    const access = accesses.get(answer.settings) ?? new DirectoryAccess(answer.settings, places);
    accesses.set(answer.settings, access);
    return new Directory(answer, places.directory, await access.token(answer.now));
  };

  async function enrich(answer: Answer, identity: Identity): Promise<Identity> {
    const { google } = answer.settings;
    if (!usesDirectory(answer.settings)) return identity;
    const directory = await directoryOf(answer);
    const looksUpGroups = google.serviceAccountJson !== "" || google.useApplicationDefaultCredentials;
    const groups = !looksUpGroups
      ? identity.groups
      : google.group.length === 0
        ? await directory.groupsOf(identity.email)
        : await membersOf(directory, google.group, identity.email);
    if (google.group.length > 0 && answer.stage === "refresh" && groups.length === 0)
      throw new ProviderError("person", "not-in-group");
    const preferredUsername = google.useOrganizationId ? await directory.organizationId(identity.email) : "";
    return { ...identity, groups, preferredUsername };
  }

  return {
    displayName: "Google",
    openId: true,
    fixed: true,
    scope: () => "profile email",
    issuer: () => ISSUER,
    endpoints: () => ({
      authorizationEndpoint: "https://accounts.google.com/o/oauth2/auth?access_type=offline",
      tokenEndpoint: "https://www.googleapis.com/oauth2/v3/token",
      jwksUri: "https://www.googleapis.com/oauth2/v3/certs",
      algorithms: ["RS256"],
    }),
    validateUrl: () => "https://www.googleapis.com/oauth2/v1/tokeninfo",
    validation: "query",
    authentication: "client_secret_post",
    pkce: true,
    refreshes: true,
    groups: ({ google }) => google.group,
    async identify(answer) {
      const identity = await answer.read();
      if (identity.email === "") throw new ProviderError("person", "no-email");
      const verified = answer.claims["email_verified"];
      if (verified !== true) throw new ProviderError("person", "email-not-verified");
      return enrich(answer, { ...identity, groups: [], preferredUsername: "" });
    },
  };
}

async function membersOf(
  directory: Directory,
  groups: readonly string[],
  email: string,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const group of groups) if (await directory.isMember(group, email)) found.push(group);
  return found;
}

/** Google. */
export const google = googleAt(PLACES);
