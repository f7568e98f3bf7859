import type { Session } from "./session.ts";

/** What a cookie's value says. */
export interface FormatReading {
  readonly session: Session;
  /** Milliseconds since the epoch; the session's life is counted from here. */
  readonly savedAt: number;
}

/** How sessions are written into a cookie's value. */
export interface SessionFormat {
  write(session: Session): string;
  /** Undefined when the value was not written with one of our secrets, or is no session. Never throws. */
  read(value: string): FormatReading | undefined;
}
