/**
 * Groups opened ports by protocol, neighbours collapsed: `80,443,8000-8010/tcp 53/udp icmp`.
 *
 * @param ports In any order: `80/tcp`, `8000-8010/tcp`, `icmp`.
 */
export function portsCell(ports: readonly string[]): string {
  const groups = new Map<string, [number, number][]>();
  const others: string[] = [];
  for (const port of ports) {
    const match = /^(\d+)(?:-(\d+))?\/(\w+)$/.exec(port);
    if (!match) {
      others.push(port);
      continue;
    }
    const [, from = "", to = from, protocol = ""] = match;
    groups.set(protocol, [...(groups.get(protocol) ?? []), [Number(from), Number(to)]]);
  }
  const grouped = [...groups].map(([protocol, ranges]) => `${joined(ranges)}/${protocol}`);
  return [...grouped, ...others].join(" ");
}

function joined(ranges: readonly [number, number][]): string {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && last[1] + 1 === from) last[1] = to;
    else merged.push([from, to]);
  }
  return merged.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}
