import { posix } from "node:path";

/** A path as the agent opens it: absolute, without `.` and `..`. */
export function joinPath(directory: string, path: string): string {
  return posix.isAbsolute(path) ? posix.normalize(path) : posix.join(directory, path);
}
