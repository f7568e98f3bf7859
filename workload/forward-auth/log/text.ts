/** Lines as oauth2-proxy writes them: by template. */
import type { Render } from "../template/compile.ts";
import { isPrintableLine, oneLine, quoted } from "../template/quote.ts";
import { textTemplate } from "../template/template.ts";
import {
  type AuthFields,
  type Fields,
  MOST,
  type RequestLine,
  short,
  shortMessage,
  shortUri,
  shortValue,
} from "./line.ts";
import { secondStamp } from "./time.ts";

/** oauth2-proxy's templates. */
export const DEFAULT_FORMATS = {
  standard: "[{{.Timestamp}}] [{{.File}}] {{.Message}}",
  auth: "{{.Client}} - {{.RequestID}} - {{.Username}} [{{.Timestamp}}] [{{.Status}}] {{.Message}}",
  request:
    "{{.Client}} - {{.RequestID}} - {{.Username}} [{{.Timestamp}}] {{.Host}} {{.RequestMethod}} {{.Upstream}} {{.RequestURI}} {{.Protocol}} {{.UserAgent}} {{.StatusCode}} {{.ResponseSize}} {{.RequestDuration}}",
} as const;

/** Which of the three logs. */
export type LogKind = keyof typeof DEFAULT_FORMATS;

const SHAPES = {
  standard: { Timestamp: "text", File: "text", Message: "text" },
  auth: {
    Client: "text",
    Host: "text",
    Message: "text",
    Protocol: "text",
    RequestID: "text",
    RequestMethod: "text",
    Timestamp: "text",
    UserAgent: "text",
    Username: "text",
    Status: "text",
    TraceID: "text",
  },
  request: {
    Client: "text",
    Host: "text",
    Protocol: "text",
    RequestDuration: "text",
    RequestID: "text",
    RequestMethod: "text",
    RequestURI: "text",
    ResponseSize: "number",
    StatusCode: "number",
    Timestamp: "text",
    Upstream: "text",
    UserAgent: "text",
    Username: "text",
    TraceID: "text",
  },
} as const;

/**
 * Compiles a template of log lines.
 *
 * @param source Empty: oauth2-proxy's own.
 * @throws {TemplateError} With fault `syntax` where oauth2-proxy would not start, `meaning` where it would fail at every line.
 */
export function logTemplate(kind: LogKind, source: string): Render {
  return textTemplate(source === "" ? DEFAULT_FORMATS[kind] : source, SHAPES[kind]);
}

/** Writes lines by template. */
export interface TextLines {
  standard(time: number, file: string, message: string, fields: Fields): string;
  auth(time: number, message: string, fields: AuthFields): string;
  /** With the line's end. */
  request(time: number, line: RequestLine): string;
}

/** Durations below a second, by milliseconds: `0.012`. */
const SHORT_DURATIONS = Array.from({ length: 1000 }, (_, milliseconds) => (milliseconds / 1000).toFixed(3));

/** Seconds with three decimals. */
const duration = (seconds: number): string =>
  SHORT_DURATIONS[Math.round(seconds * 1000)] ?? seconds.toFixed(3);

/** A text that needs no care; an empty one is a dash. */
const plain = (text: string | undefined): string => text || "-";

/** The same in quotes; what may need care makes a line that is not printable. */
const inQuotes = (text: string): string => (/["\\]/.test(text) ? "\n" : `"${text}"`);

/** True when no field is cut. */
const isShort = ({
  client,
  host,
  id,
  method,
  agent = "",
  user = "",
  upstream = "",
  uri,
}: RequestLine): boolean =>
  client.length +
    host.length +
    id.length +
    method.length +
    agent.length +
    user.length +
    upstream.length +
    uri.length <=
  MOST;

const known = (text: string | undefined): string =>
  text === undefined || text === "" ? "-" : oneLine(short(text));

const word = (value: Fields[string]): string => {
  const cut = shortValue(value);
  const text = short(Array.isArray(cut) ? cut.join("; ") : String(cut));
  return /^[\w.:/@+-]+$/.test(text) ? text : quoted(text);
};

/** A message with the fields that its template does not name: `message key=value`. */
function withFields(message: string, fields: Fields, named: ReadonlySet<string>): string {
  const more = Object.entries(fields).filter(([key, value]) => value !== undefined && !named.has(key));
  const words = more.map(([key, value]) => ` ${key}=${word(value)}`);
  return oneLine(shortMessage(message)) + words.join("");
}

const NAMED: ReadonlySet<string> = new Set([
  "status",
  "id",
  "client",
  "host",
  "method",
  "protocol",
  "agent",
  "user",
  "trace",
]);
const NONE: ReadonlySet<string> = new Set();

/** The fields that templates of the auth log name. */
export function namedOnly(fields: AuthFields): AuthFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => NAMED.has(name)));
}

/** A line by oauth2-proxy's own template, where no field is cut. */
const usualLine = (stamp: string, line: RequestLine): string =>
  `${plain(line.client)} - ${plain(line.id)} - ${plain(line.user)} [${stamp}] ${line.host} ${plain(line.method)} ${plain(line.upstream)} ${inQuotes(line.uri)} ${line.protocol} ${inQuotes(line.agent ?? "")} ${line.status} ${line.size} ${duration(line.seconds)}\n`;

/** @param formats Templates; empty ones are oauth2-proxy's. */
export function textLines(formats: Readonly<Record<LogKind, string>>, localTime: boolean): TextLines {
  const stamp = secondStamp(localTime);
  const [standard, auth, request] = (["standard", "auth", "request"] as const).map((kind) =>
    logTemplate(kind, formats[kind]),
  ) as [Render, Render, Render];
  const usual = formats.request === "" || formats.request === DEFAULT_FORMATS.request;
  return {
    standard: (time, file, message, fields) =>
      standard({ Timestamp: stamp(time), File: file, Message: withFields(message, fields, NONE) }),
    auth: (time, message, fields) =>
      auth({
        Client: known(fields.client),
        Host: known(fields.host),
        Message: withFields(message, fields, NAMED),
        Protocol: known(fields.protocol),
        RequestID: known(fields.id),
        RequestMethod: known(fields.method),
        Timestamp: stamp(time),
        UserAgent: quoted(short(fields.agent ?? "")),
        Username: known(fields.user),
        Status: fields.status ?? "AuthSuccess",
        TraceID: fields.trace ?? "",
      }),
    request(time, line) {
      // Nearly every line is printable from end to end, which one look tells.
      const made = usual && isShort(line) ? usualLine(stamp(time), line) : "";
      if (made !== "" && isPrintableLine(made)) return made;
      const text = request({
        Client: known(line.client),
        Host: oneLine(short(line.host)),
        Protocol: line.protocol,
        RequestDuration: duration(line.seconds),
        RequestID: known(line.id),
        RequestMethod: known(line.method),
        RequestURI: quoted(shortUri(line.uri)),
        ResponseSize: line.size,
        StatusCode: line.status,
        Timestamp: stamp(time),
        Upstream: known(line.upstream),
        UserAgent: quoted(short(line.agent ?? "")),
        Username: known(line.user),
        TraceID: line.trace ?? "",
      });
      return `${text}\n`;
    },
  };
}
