/**
 * Logout tokens: a provider says that a session of its own has ended.
 *
 * @see OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6
 */
import { isJsonObject, type JsonObject, member, NumberText, textMember } from "./json.ts";
import type { LogoutTarget } from "./provider.ts";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** Longest identifier that is remembered, in characters. */
const LONGEST = 512;

/** Reads the claims of a verified logout token; undefined when they are not those of one. */
export function readLogoutToken(claims: JsonObject): LogoutTarget | undefined {
  if (member(claims, "nonce") !== undefined || !isJsonObject(member(member(claims, "events"), EVENT)))
    return undefined;
  const [sid, subject, tokenId] = ["sid", "sub", "jti"].map((name) => textMember(claims, name)) as [
    string,
    string,
    string,
  ];
  const issuedAt = member(claims, "iat");
  if ((sid === "" && subject === "") || tokenId === "" || !(issuedAt instanceof NumberText)) return undefined;
  if ([sid, subject, tokenId].some((text) => text.length > LONGEST)) return undefined;
  return { issuer: textMember(claims, "iss"), sid, subject, tokenId, issuedAt: Number(issuedAt.text) * 1000 };
}
