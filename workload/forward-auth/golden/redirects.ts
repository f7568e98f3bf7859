/** Redirect targets by four entrances: start, callback, sign-out, and a header. @module */

import type { Incoming } from "./client.ts";
import { Play } from "./play.ts";
import type { RedirectCase } from "./recording.ts";
import type { Stage, Subject } from "./stage.ts";

const locationOf = (answer: Incoming): string =>
  answer.headers.find(([name]) => name.toLowerCase() === "location")?.[1] ?? `status ${answer.status}`;

/** The target in the state of a login URL. */
function targetOf(answer: Incoming): string {
  const location = locationOf(answer);
  if (!URL.canParse(location)) return location;
  const state = new URL(location).searchParams.get("state") ?? "";
  return state.slice(state.indexOf(":") + 1);
}

/** Where one target comes out differently; undefined when it does not. */
export async function redirectDifference(
  recorded: RedirectCase,
  stage: Stage,
  subject: Subject,
): Promise<string | undefined> {
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
  for (const entrance of ["start", "callback", "sign_out", "header"] as const) {
    const wanted = recorded[entrance];
    if (wanted !== undefined && wanted !== now[entrance])
      return `${entrance}: recorded ${JSON.stringify(wanted)}, now ${JSON.stringify(now[entrance])}`;
  }
  return undefined;
}
