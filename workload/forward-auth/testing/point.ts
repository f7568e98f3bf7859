/** A decision point alone, with sessions made without a login. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RulesFile } from "../config.ts";
import { createLog } from "../log/log.ts";
import { type Serving, serve } from "../server/serve.ts";
import { newSessionId, type Session } from "../session/session.ts";
import { readSettings } from "../settings.ts";

/** A running decision point. */
export interface Point {
  readonly serving: Serving;
  readonly port: number;
  readonly log: string[];
  /** The `Cookie` header of somebody who is signed in. */
  cookie(session?: Partial<Session>): string;
  close(): Promise<void>;
}

/** Starts one. @param rules Undefined: no rules file. @param args Flags. @param now Its clock. */
export async function startPoint(
  rules: RulesFile | undefined,
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  now: () => number = Date.now,
): Promise<Point> {
  const folder = mkdtempSync(join(tmpdir(), "decision-point-"));
  const file = join(folder, "rules.json");
  if (rules !== undefined) writeFileSync(file, JSON.stringify(rules));
  const settings = readSettings(
    {
      OAUTH2_PROXY_HTTP_ADDRESS: "127.0.0.1:0",
      OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
      OAUTH2_PROXY_SET_XAUTHREQUEST: "true",
      ...(rules === undefined ? {} : { OAUTH2_PROXY_RULES_FILE: file }),
      ...environment,
    },
    args,
  );
  const log: string[] = [];
  const serving = await serve(
    settings,
    createLog(settings.options, { write: (line) => void log.push(line) }),
    now,
  );
  await serving.context.provider.start();
  return {
    serving,
    port: serving.port,
    log,
    cookie(changes = {}) {
      const at = Date.now();
      const session: Session = {
        id: newSessionId(),
        issuer: "https://issuer.example",
        subject: "sub-1",
        email: "ada@example.com",
        preferredUsername: "Ada",
        groups: ["ops"],
        createdAt: at,
        refreshedAt: at,
        ...changes,
      };
      const { sessions } = serving.context;
      return sessions
        .renew("", sessions.entry(session), "h")
        .map((text) => text.split(";", 1)[0])
        .join("; ");
    },
    async close() {
      await serving.close();
      rmSync(folder, { recursive: true });
    },
  };
}
