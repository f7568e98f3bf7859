/** W1 to W5, W10 and W11: decisions from cookies. */
import type { Measurement } from "../measurement.ts";
import { cookieHeader, ENTRA, HYDRA, type Shape, sessionValue } from "../mint/cookie.ts";
import { requestText } from "../requests.ts";
import { AUTH, type ClosedLoop, closedLoop } from "./closed-loop.ts";

const BOTH = ["ours", "oauth2-proxy"] as const;

const withCookie = (value: string, target = AUTH): string =>
  requestText({ target, lines: [`Cookie: ${cookieHeader(value)}`, "Accept: */*"] });
const session = (user: number): string => withCookie(sessionValue(HYDRA, user));

/** A wrong character in the middle of every other cookie. */
function tampered(index: number): string {
  const value = sessionValue(HYDRA, index);
  const wrong = `${value.slice(0, 500)}${value[500] === "A" ? "B" : "A"}${value.slice(501)}`;
  return withCookie(index % 2 === 0 ? value : wrong);
}

const GROUPS: Shape = {
  ...HYDRA,
  groups: Array.from({ length: 200 }, (_, index) => `/teams/group-${index}`),
};

const WORKLOADS: readonly ClosedLoop[] = [
  {
    id: "W1",
    about: "no cookie, 401",
    quick: false,
    count: () => 1,
    request: () => requestText({ target: AUTH, lines: ["Accept: */*"] }),
    expected: { 401: 1 },
    ratio: 2,
  },
  {
    id: "W2",
    about: "one session, 1.7 kB cookie",
    count: () => 1,
    request: session,
    expected: { 202: 1 },
    ratio: 4.5,
    ofBare: 0.7,
  },
  {
    id: "W3 uniform",
    quick: false,
    subjects: BOTH,
    about: "10,000 sessions, drawn evenly",
    count: () => 10_000,
    order: "uniform",
    request: session,
    expected: { 202: 1 },
    ratio: 2,
  },
  {
    id: "W3 Zipf",
    subjects: BOTH,
    about: "10,000 sessions, drawn by Zipf 1.1",
    quick: false,
    count: () => 10_000,
    order: "zipf",
    request: session,
    expected: { 202: 1 },
    ratio: 2,
  },
  {
    id: "W4",
    about: "every session seen once: no cache helps",
    // More than anybody answers meanwhile; each takes time and 1.8 kB to make, which wrk holds in memory: a million are too many.
    note: (count) =>
      `${count.toLocaleString("en")} sessions, none asked about twice, instead of a million drawn evenly, of which some would be`,
    count: ({ effort }) => 20_000 * (effort.warmUp + effort.rounds * effort.seconds),
    once: true,
    subjects: BOTH,
    request: session,
    expected: { 202: 1 },
    ratio: 2,
  },
  {
    id: "W5",
    subjects: BOTH,
    about: "7.7 kB session in two cookies",
    quick: false,
    count: () => 1000,
    order: "uniform",
    request: (index) => withCookie(sessionValue(ENTRA, index)),
    expected: { 202: 1 },
    ratio: 2,
  },
  {
    id: "W10",
    subjects: BOTH,
    about: "session with 200 groups, one of them asked for, half of the requests for another",
    quick: false,
    count: () => 1000,
    request: (index) =>
      withCookie(
        sessionValue(GROUPS, index),
        `${AUTH}?allowed_groups=${index % 2 === 0 ? "/teams/group-150" : "none"}`,
      ),
    expected: { 202: 0.45, 403: 0.45 },
  },
  {
    id: "W11",
    quick: false,
    subjects: BOTH,
    about: "every other cookie has a wrong signature",
    count: () => 10_000,
    request: tampered,
    expected: { 202: 0.45, 401: 0.45 },
    ratio: 2,
  },
];

/** The measurements. */
export const DECISIONS: readonly Measurement[] = WORKLOADS.map(closedLoop);
