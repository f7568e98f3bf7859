const LIMIT = { k8s: 30, machine: 15 } as const;

/** `registry.example/a/b:tag@sha256:…` without the registry, or nothing when it names none. */
function imagePath(text: string): string | undefined {
  const match = /^([a-z0-9.-]+(?::\d+)?)\/(.+)$/i.exec(text);
  const host = match?.[1] ?? "";
  const known = host.includes(".") || host.includes(":") || host === "localhost";
  return known ? match?.[2] : undefined;
}

/**
 * What the App section shows as version: the first line; of an image its path and seven digits of the
 * digest; never longer than the column may be.
 *
 * @see Juju: cmd/juju/status, output_tabular
 */
export function versionCell(version: string, type: "k8s" | "machine"): string {
  const limit = LIMIT[type];
  let text = version.split("\n")[0] ?? "";
  const path = type === "k8s" ? imagePath(text) : undefined;
  if (path !== undefined) {
    text = path.replace(/@sha256:([0-9a-f]{7})[0-9a-f]*$/, "@$1");
    if (text.length > limit) text = text.replace(/^[^/]+\//, ".../");
  }
  return text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
}
