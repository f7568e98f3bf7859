/** Where the sockets of a unit's containers are when `CHARMED_IAP_CONTAINERS` is not set: in a cluster. */
export const CONTAINERS_DIR = "/charm/containers";

/** Socket of a container's Pebble, in a cluster and in the local model alike. */
export function containerSocket(containersDir: string, container: string): string {
  return `${containersDir}/${container}/pebble.socket`;
}

/** Directory that is a container's file system in the local model. A cluster has none. */
export function containerRoot(containersDir: string, container: string): string {
  return `${containersDir}/${container}/root`;
}

/**
 * An absolute path of a container as programs in it must see it: unchanged in a cluster, inside
 * `containerRoot()` in the local model, where programs see the machine's files. Embedded Pebble takes either
 * form in its file requests, so the result suits plans and file requests alike. Mapping twice is mapping once.
 *
 * @param containersDir `CHARMED_IAP_CONTAINERS`, or `CONTAINERS_DIR` (or undefined) in a cluster.
 */
export function containerPath(containersDir: string | undefined, container: string, path: string): string {
  const isCluster = containersDir === undefined || containersDir === CONTAINERS_DIR;
  return pathBelow(isCluster ? "/" : containerRoot(containersDir, container), path);
}

/** An absolute path of a container whose file system is a folder of this machine, or `/`. Mapping twice is mapping once. */
export function pathBelow(root: string, path: string): string {
  if (!path.startsWith("/")) throw new TypeError(`Cannot map "${path}": must be absolute`);
  if (root === "/" || path === root || path.startsWith(`${root}/`)) return path;
  return `${root}${path === "/" ? "" : path}`;
}
