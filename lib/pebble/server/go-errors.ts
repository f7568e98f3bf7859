/** Texts of system errors as Go prints them; Pebble's clients read them. */
const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EEXIST: "file exists",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  ENOTEMPTY: "directory not empty",
  ELOOP: "too many levels of symbolic links",
  ENAMETOOLONG: "file name too long",
  EROFS: "read-only file system",
  ENOSPC: "no space left on device",
  ENOEXEC: "exec format error",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
  EADDRNOTAVAIL: "cannot assign requested address",
};

/** An error of the operating system in words, or its own message. */
export function systemErrorText(error: unknown): string {
  const code = errorCode(error);
  return TEXTS[code] ?? (error instanceof Error ? error.message : String(error));
}

/** `ENOENT` and its kin; empty for other errors. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** A failed file operation, with Pebble's kind of error. */
export class FileFault extends Error {
  readonly kind: "not-found" | "permission-denied" | "generic-file-error";
  constructor(kind: FileFault["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Turns a system error into `verb path: reason`. */
export function fileFault(verb: string, path: string, error: unknown): FileFault {
  if (error instanceof FileFault) return error;
  const code = errorCode(error);
  const kind =
    code === "ENOENT"
      ? "not-found"
      : code === "EACCES" || code === "EPERM"
        ? "permission-denied"
        : "generic-file-error";
  return new FileFault(kind, `${verb} ${path}: ${systemErrorText(error)}`);
}
