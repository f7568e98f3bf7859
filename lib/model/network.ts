/** What `network-get` answers, made from the addresses the engine knows. */

import { ingressAddress } from "./databags.ts";
import type { Engine } from "./engine.ts";
import type { UnitState } from "./state.ts";
import type { WorldNetwork } from "./world.ts";

/** Network of one endpoint. Kubernetes: the pod's address to bind, the service's to reach it. */
export function networkOf(e: Engine, u: UnitState, endpoint: string): WorldNetwork {
  const given = e.network?.unitNetwork?.(u.name, endpoint);
  if (given) return given;
  const ingress = ingressAddress(e, u);
  const bind = u.address ?? ingress;
  const address = bind === undefined ? [] : [{ hostname: "", value: bind, cidr: "" }];
  const device = { "mac-address": "", "interface-name": "", addresses: address };
  return {
    "bind-addresses": bind === undefined ? [] : [device],
    "egress-subnets": ingress === undefined ? [] : [`${ingress}/32`],
    "ingress-addresses": ingress === undefined ? [] : [ingress],
  };
}
