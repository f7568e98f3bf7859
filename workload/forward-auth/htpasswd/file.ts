/** An htpasswd file: one `user:password` a line, `#` begins a comment, of equal users the last counts. */
import { readStored, type StoredPassword } from "./passwords.ts";

/** What a file says. */
export interface HtpasswdReading {
  readonly users: ReadonlyMap<string, StoredPassword>;
  /** Lines that were left out, without their content. */
  readonly issues: readonly string[];
  /** True when some password is only hashed with SHA-1, without salt. */
  readonly weak: boolean;
}

/** Reads the text of a file. */
export function readHtpasswd(text: string): HtpasswdReading {
  const users = new Map<string, StoredPassword>();
  const issues: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, user = "", password = ""] = /^([^:\x00-\x1f\x7f]+):([^:]+)$/.exec(line) ?? [];
    const stored = readStored(password.trim());
    if (user === "") issues.push(`line ${index + 1}: should be user:password`);
    else if (stored === undefined)
      issues.push(`line ${index + 1}: should be bcrypt of cost 4 to 14, or {SHA}`);
    else users.set(user, stored);
  }
  return { users, issues, weak: [...users.values()].some(({ kind }) => kind === "sha1") };
}
