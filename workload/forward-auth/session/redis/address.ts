/** One Redis server, or one of several. */
export interface RedisAddress {
  /** Undefined with a socket's path. */
  readonly host: string | undefined;
  readonly port: number;
  /** Path of a Unix socket. */
  readonly path: string | undefined;
  readonly tls: boolean;
  readonly username: string;
  readonly password: string;
  readonly database: number;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * Reads a Redis URL: `redis://`, `rediss://` (TLS) or `unix://`, with user, password and database number.
 *
 * @throws {RangeError} When it is none; the message does not repeat it, for it may hold a password.
 * @see redis/go-redis: options.go, ParseURL
 */
export function redisAddress(text: string): RedisAddress {
  // A user without a host is fine for a socket, but not for the URL standard.
  const standard = text.replace(/^(unix:\/\/[^/@]*@)\//i, "$1socket/");
  const url = URL.canParse(standard) ? new URL(standard) : undefined;
  if (url === undefined || !["redis:", "rediss:", "unix:"].includes(url.protocol)) {
    throw new RangeError("Cannot read a Redis URL: should be redis://, rediss:// or unix://");
  }
  const socket = url.protocol === "unix:";
  const wanted = url.searchParams.get("db") ?? (socket ? "0" : url.pathname.replace(/^\//, "")) ?? "0";
  const database = Number(wanted === "" ? "0" : wanted);
  if (!Number.isInteger(database) || database < 0) {
    throw new RangeError("Cannot read a Redis URL: the database should be a number");
  }
  const user = { username: decoded(url.username), password: decoded(url.password), database };
  if (socket) {
    const path = decoded(url.pathname);
    if (path === "")
      throw new RangeError("Cannot read a Redis URL: unix:// should have the path of a socket");
    return { host: undefined, port: 0, path, tls: false, ...user };
  }
  const host = url.hostname.replace(/^\[|\]$/g, "") || "localhost";
  return { host, port: Number(url.port || 6379), path: undefined, tls: url.protocol === "rediss:", ...user };
}
