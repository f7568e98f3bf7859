import { LayerError } from "../errors.ts";
import type { Service } from "./types.ts";

type Services = Readonly<Record<string, Service>>;

/**
 * Names with everything they require (to start) or that requires them (to stop), so that each comes behind those
 * it must follow.
 *
 * @throws {LayerError} For an unknown service or a loop of before and after.
 */
export function serviceOrder(
  services: Services,
  names: readonly string[],
  purpose: "start" | "stop",
): readonly string[] {
  const involved = [...withDependencies(services, names, purpose)].sort();
  const followed = predecessors(services, involved, purpose);
  if ([...followed.values()].every((names) => names.length === 0)) return involved;
  return connectedGroups(followed).map((group) => {
    if (group.length > 1) throw new LayerError(`services in before/after loop: ${group.sort().join(", ")}`);
    return group[0]!;
  });
}

function find(services: Services, name: string): Service {
  const service = services[name];
  if (!service) throw new LayerError(`service "${name}" does not exist`);
  return service;
}

function withDependencies(
  services: Services,
  names: readonly string[],
  purpose: "start" | "stop",
): Set<string> {
  const involved = new Set<string>(names);
  for (const name of involved) {
    const service = find(services, name);
    const more = purpose === "start" ? (service.requires ?? []) : dependants(services, name);
    for (const one of more) involved.add(one);
  }
  return involved;
}

function dependants(services: Services, name: string): readonly string[] {
  return Object.keys(services).filter((other) => services[other]!.requires?.includes(name));
}

/** For each name, those that come before it. */
function predecessors(
  services: Services,
  involved: readonly string[],
  purpose: "start" | "stop",
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>(involved.map((name) => [name, []]));
  const [afterKey, beforeKey] =
    purpose === "start" ? (["after", "before"] as const) : (["before", "after"] as const);
  for (const name of involved) {
    for (const other of services[name]![afterKey] ?? []) if (found.has(other)) found.get(name)!.push(other);
    for (const other of services[name]![beforeKey] ?? []) found.get(other)?.push(name);
  }
  return found;
}

interface Visit {
  readonly name: string;
  readonly index: number;
  low: number;
  next: number;
}

/** Strongly connected components, each behind those it leads to (Tarjan), without recursion. */
function connectedGroups(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const groups: string[][] = [];
  const indices = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const visit = (name: string): Visit => {
    const index = indices.size;
    indices.set(name, index);
    stack.push(name);
    open.add(name);
    return { name, index, low: index, next: 0 };
  };
  const close = (done: Visit) => {
    if (done.low !== done.index) return;
    const group = stack.splice(stack.indexOf(done.name));
    for (const name of group) open.delete(name);
    groups.push(group);
  };
  for (const start of edges.keys()) {
    if (indices.has(start)) continue;
    const path = [visit(start)];
    while (path.length > 0) {
      const current = path.at(-1)!;
      const target = edges.get(current.name)![current.next++];
      if (target === undefined) {
        path.pop();
        close(current);
        const parent = path.at(-1);
        if (parent) parent.low = Math.min(parent.low, current.low);
      } else if (!indices.has(target)) path.push(visit(target));
      else if (open.has(target)) current.low = Math.min(current.low, indices.get(target)!);
    }
  }
  return groups;
}

/** Splits ordered names into lanes: services that are linked by `requires` share one, and lanes run side by side. */
export function serviceLanes(services: Services, ordered: readonly string[]): readonly (readonly string[])[] {
  const lanes = new Map<string, number>();
  let next = 0;
  for (const name of ordered) {
    const linked = [name, ...(services[name]?.requires ?? [])];
    const lane = linked.map((one) => lanes.get(one)).find((one) => one !== undefined) ?? next++;
    for (const one of linked) lanes.set(one, lane);
  }
  const result: string[][] = Array.from({ length: next }, () => []);
  for (const name of ordered) result[lanes.get(name)!]!.push(name);
  return result.filter((lane) => lane.length > 0);
}
