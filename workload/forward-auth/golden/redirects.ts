/** Redirect targets by four entrances: start, callback, sign-out, and a header. @module */

import type { Incoming } from "./client.ts";
import { Play } from "./play.ts";
import type { RedirectCase } from "./recording.ts";
import type { Stage, Subject } from "./stage.ts";
import type { Outcome } from "./tolerances.ts";

const locationOf = (answer: Incoming): string =>
  answer.headers.find(([name]) => name.toLowerCase() === "location")?.[1] ?? `status ${answer.status}`;

/** The target in the state of a login URL. */
function targetOf(answer: Incoming): string {
  const location = locationOf(answer);
  if (!URL.canParse(location)) return location;
  const state = new URL(location).searchParams.get("state") ?? "";
  return state.slice(state.indexOf(":") + 1);
}

/** Sends one target through every entrance. */
export async function redirectDifference(
  recorded: RedirectCase,
  stage: Stage,
  subject: Subject,
): Promise<Outcome> {
  const play = new Play(stage, subject, { cookies: {}, tokens: {} });
  stage.provider.plan({});
  const rd = encodeURIComponent(recorded.input);
  const started = await play.send({ target: `/oauth2/start?rd=${rd}` });
  const now: Record<string, string> = { start: targetOf(started) };
  const { code, state } = play.authorize();
  const changed = encodeURIComponent(`${state.slice(0, state.indexOf(":"))}:${recorded.input}`);
  const returned = await play.send({ target: `/oauth2/callback?code=${code}&state=${changed}`, jar: true });
  // A login that begins anew instead: where it will lead.
  const anew = locationOf(returned).startsWith(`${stage.provider.issuer}/authorize`);
  now["callback"] = anew ? targetOf(returned) : locationOf(returned);
  now["sign_out"] = locationOf(await play.send({ target: `/oauth2/sign_out?rd=${rd}` }));
  if (recorded.header !== undefined) {
    const headers = [["X-Auth-Request-Redirect", recorded.input]] as const;
    now["header"] = targetOf(await play.send({ target: "/oauth2/start", headers }));
  }
  return outcomeOf(recorded, now);
}

const ENTRANCES = ["start", "callback", "sign_out", "header"] as const;

function outcomeOf(recorded: RedirectCase, now: Readonly<Record<string, string>>): Outcome {
  for (const entrance of ENTRANCES) {
    const wanted = recorded[entrance];
    if (wanted === undefined || wanted === now[entrance]) continue;
    const key = deviationOf(recorded.input, now[entrance] ?? "");
    if (key !== undefined) return { tolerated: [key] };
    const [one, other] = [JSON.stringify(wanted), JSON.stringify(now[entrance])];
    return { difference: `${entrance}: recorded ${one}, now ${other}` };
  }
  return {};
}

/** Forms that are refused although oauth2-proxy takes them; each is a form that two readers take differently. */
const REFUSED: readonly RegExp[] = [
  /[\p{C}\p{Z}\\]/u, // Blanks, controls, what is invisible, backslashes.
  /^\/%(?:2f|5c|[01][0-9a-f]|20|7f)/i, // A path that begins with an encoded separator or control.
  /^\/(?:[^?#]*\/)?\.{1,2}(?:$|[/?#])/, // Dot segments.
  /^https?:\/\/[^/?#]*@/, // User info.
  /^https?:\/\/(?![a-z0-9_])|^https?:\/\/[^/?#]*(?:\.\.|\.(?:$|[/?#])|[*,]|:(?:$|[/?#]))/i, // Hosts that are none.
];

/** Forms that are taken although oauth2-proxy refuses them. */
const TAKEN: readonly RegExp[] = [
  /^\/(?![/\\])[^?#\\]*[?#]/, // What follows the path is not the path's business.
  /^https?:\/\/[a-z0-9.-]*[A-Z]/, // Hosts in any case.
  /^http:\/\/[^/?#]*:80(?:$|[/?#])|^https:\/\/[^/?#]*:443(?:$|[/?#])/, // The scheme's own port is no other place.
];

/** The own host of the recording; and targets whose entry in the whitelist has another case, or names the scheme's own port. */
const OWN = "https://app.example.com/";
const ODD_ENTRIES = /^(?:http:\/\/foo\.bar\/|http:\/\/a\.com\/|https:\/\/x\.local\/)$/;

/** The README's row that explains the difference; undefined when none does. */
function deviationOf(input: string, now: string): string | undefined {
  if (now === "/" && input !== "/")
    return REFUSED.some((form) => form.test(input)) ? "redirect targets" : undefined;
  if (now !== input) return undefined;
  if (input.startsWith(OWN)) return "own host in rd";
  return TAKEN.some((form) => form.test(input)) || ODD_ENTRIES.test(input) ? "redirect targets" : undefined;
}
