/**
 * JSON lines. Rare lines go through pino; the line of a request is put together here, as pino takes longer for it.
 */
import pino from "pino";
import { escapeControls, jsonText } from "../template/quote.ts";
import {
  type AuthFields,
  type Fields,
  type RequestLine,
  short,
  shortMessage,
  shortUri,
  shortValue,
} from "./line.ts";
import type { LogSink } from "./sink.ts";
import { isoStamp } from "./time.ts";

/** Fields with long texts cut. */
function cut(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, shortValue(value)]));
}

const text = (value: string): string => jsonText(short(value));

const optional = (name: string, value: string | undefined): string =>
  value === undefined || value === "" ? "" : `,"${name}":${text(value)}`;

/** Makes the line of a request, with its end. */
export function requestJson(): (time: number, line: RequestLine) => string {
  const stamp = isoStamp();
  return (time, line) => {
    const { original } = line;
    const mark = line.uri.indexOf("?");
    const path = original?.path ?? (mark === -1 ? line.uri : line.uri.slice(0, mark));
    return (
      `{"level":"info","time":"${stamp(time)}","log":"request","id":${text(line.id)},"client":${text(line.client)}` +
      `,"method":${text(original?.method ?? line.method)},"host":${text(original?.host ?? line.host)}` +
      `,"path":${jsonText(shortUri(path))},"protocol":${text(line.protocol)},"status":${line.status}` +
      `,"size":${line.size},"ms":${Math.round(line.seconds * 1e6) / 1000}${optional("decision", line.decision)}` +
      `${optional("reason", line.reason)}${optional("user", line.user)}${optional("upstream", line.upstream)}` +
      `${optional("agent", line.agent)}${optional("trace_id", line.trace)},"msg":"request"}\n`
    );
  };
}

/** The other lines. */
export interface JsonLines {
  write(level: "info" | "warn" | "error", log: string, message: string, fields: Fields): void;
  auth(message: string, fields: AuthFields): void;
}

/** @param errors Where lines of level `error` go. */
export function jsonLines(sink: LogSink, errors: LogSink, now: () => number): JsonLines {
  const stamp = isoStamp();
  const loggerTo = (target: LogSink) =>
    pino(
      {
        base: null,
        timestamp: () => `,"time":"${stamp(now())}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write: (line: string) => target.write(escapeControls(line, "line")) },
    );
  const loggers = { info: loggerTo(sink), error: loggerTo(errors) };
  return {
    write(level, log, message, { file: _file, text: _text, ...fields }) {
      loggers[level === "error" ? "error" : "info"][level]({ log, ...cut(fields) }, shortMessage(message));
    },
    auth(message, { trace, text: _text, ...fields }) {
      loggers.info.info(
        { log: "auth", ...cut(fields), ...(trace === undefined ? {} : { trace_id: trace }) },
        shortMessage(message),
      );
    },
  };
}
