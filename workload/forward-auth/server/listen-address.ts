/** Where a listener is: a port, a Unix socket, or a socket that was opened for us. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string | undefined; readonly port: number }
  | { readonly kind: "unix"; readonly path: string; readonly mode: number | undefined }
  | { readonly kind: "fd"; readonly fd: number };

function unixAddress(text: string): ListenAddress | undefined {
  const [, path, mode] = /^unix:(?:\/\/)?([^,]+)(?:,mode=([0-7]{1,4}))?$/i.exec(text) ?? [];
  if (path === undefined) return undefined;
  return { kind: "unix", path, mode: mode === undefined ? undefined : Number.parseInt(mode, 8) };
}

/**
 * Reads the address of a listener: `host:port`, `[v6]:port`, `:port`, also with `http://` or `https://` in front;
 * `unix:///run/proxy.sock`, with `,mode=0660`; `fd:3`.
 *
 * @returns Undefined when there is to be no listener: the text is empty or `-`.
 * @throws {RangeError} When it is no address.
 */
export function readListenAddress(text: string): ListenAddress | undefined {
  if (text === "" || text === "-") return undefined;
  const unix = unixAddress(text);
  if (unix !== undefined) return unix;
  const fd = /^fd:(\d{1,4})$/i.exec(text)?.[1];
  if (fd !== undefined && Number(fd) >= 3) return { kind: "fd", fd: Number(fd) };
  const [, host = "", port = ""] = /^(?:https?:\/\/)?(\[[^\]]+\]|[^:/]*):(\d{1,5})$/.exec(text) ?? [];
  if (port === "" || Number(port) > 65_535 || fd !== undefined)
    throw new RangeError(
      `Cannot read address "${text}": should be host:port, unix:///path, unix:///path,mode=0770, or fd:3`,
    );
  return { kind: "tcp", host: host.replace(/^\[|\]$/g, "") || undefined, port: Number(port) };
}
