/** A session as lines of the auth log show it: who it is, and which tokens there are, but none of them. */
import { goTime } from "../identity/go-time.ts";

/** What is shown of a session. Times are milliseconds since the epoch. */
export interface ShownSession {
  readonly email: string;
  readonly subject: string;
  readonly preferredUsername: string;
  readonly groups: readonly string[];
  readonly createdAt: number;
  readonly expiresOn?: number | undefined;
  readonly accessToken?: string | undefined;
  readonly idToken?: string | undefined;
  readonly refreshToken?: string | undefined;
}

/** `Session{email:… user:… PreferredUsername:… …}`, as in oauth2-proxy's lines. */
export function sessionText(session: ShownSession): string {
  const { email, subject, preferredUsername, groups, createdAt, expiresOn } = session;
  const parts = [
    `email:${email}`,
    `user:${subject}`,
    `PreferredUsername:${preferredUsername}`,
    ...(session.accessToken ? ["token:true"] : []),
    ...(session.idToken ? ["id_token:true"] : []),
    ...(createdAt > 0 ? [`created:${goTime(createdAt)}`] : []),
    ...(expiresOn === undefined ? [] : [`expires:${goTime(expiresOn)}`]),
    ...(session.refreshToken ? ["refresh_token:true"] : []),
    ...(groups.length > 0 ? [`groups:[${groups.join(" ")}]`] : []),
  ];
  return `Session{${parts.join(" ")}}`;
}
