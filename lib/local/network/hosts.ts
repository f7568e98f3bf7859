import { renameSync, writeFileSync } from "node:fs";

/** One application as the cluster's DNS knows it. */
export interface HostsApplication {
  readonly model: string;
  readonly name: string;
  readonly address: string;
  readonly units: readonly { readonly ordinal: number; readonly address: string }[];
}

/** A public name: that of a gateway. */
export interface HostsAlias {
  readonly name: string;
  readonly address: string;
}

const CLUSTER = "svc.cluster.local";

/** Domains behind a short name, as Kubernetes puts them into a pod's resolv.conf. */
export function searchDomains(model: string): string[] {
  return [`${model}.${CLUSTER}`, CLUSTER, "cluster.local"];
}

/**
 * The names of a controller, in the form of /etc/hosts: services, pods behind their headless service, and
 * gateways. The first gateway also gets every other `.localhost` name.
 *
 * @see Kubernetes: DNS for Services and Pods
 */
export function hostsTable(
  applications: readonly HostsApplication[],
  aliases: readonly HostsAlias[],
): string {
  const lines = applications.flatMap((app) => {
    const service = `${app.address} ${app.name}.${app.model}.${CLUSTER}`;
    const headless = `${app.name}-endpoints.${app.model}.${CLUSTER}`;
    const units = app.units.map(({ ordinal, address }, i) =>
      [address, `${app.name}-${ordinal}.${headless}`, ...(i === 0 ? [headless] : [])].join(" "),
    );
    return [service, ...units];
  });
  const gateways = aliases.map(({ name, address }, i) =>
    [address, name, ...(i === 0 ? ["*.localhost"] : [])].join(" "),
  );
  return ["# Names of this controller; written by the local model.", ...lines, ...gateways, ""].join("\n");
}

/** Writes the table whole, so that no reader sees half of it. */
export function writeHosts(path: string, table: string): void {
  writeFileSync(`${path}.new`, table);
  renameSync(`${path}.new`, path);
}
