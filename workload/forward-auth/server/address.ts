import { BlockList, isIP } from "node:net";

/** Networks believed when none are named: loopback, link-local, RFC 1918, RFC 4193, RFC 6598. */
const PRIVATE = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "100.64.0.0/10",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

/** A set of addresses. */
export interface Networks {
  /** True for a canonical IPv4 or IPv6 address inside; an IPv4 address may be given as `::ffff:1.2.3.4`. */
  has(address: string): boolean;
}

/** The family in which an address is looked up, and the address without an IPv4 mapping. */
function plain(address: string): { readonly address: string; readonly family: 0 | 4 | 6 } {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  return { address: mapped, family: isIP(mapped) as 0 | 4 | 6 };
}

/** True when bits behind the prefix are set: the network was probably mistyped. */
function hasHostBits(address: string, family: 4 | 6, bits: number): boolean {
  if (family === 4) {
    const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    return value % 2 ** (32 - bits) !== 0;
  }
  const network = new BlockList();
  network.addSubnet(address, bits, "ipv6");
  const zero = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = zero.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  const binary = groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0")).join("");
  return binary.slice(bits).includes("1");
}

/** A network: an address of it without an IPv4 mapping, and how many bits all of it share. */
interface Subnet {
  readonly address: string;
  readonly bits: number;
}

/** Builds a set from networks that are known to be ones. */
export function subnets(inside: readonly Subnet[]): Networks {
  const list = new BlockList();
  for (const { address, bits } of inside)
    list.addSubnet(address, bits, isIP(address) === 4 ? "ipv4" : "ipv6");
  return {
    has: (text) => {
      const { address, family } = plain(text);
      return family !== 0 && list.check(address, family === 4 ? "ipv4" : "ipv6");
    },
  };
}

/**
 * Builds a set from addresses and networks (`10.0.0.0/8`, `fd00::/8`, `192.0.2.7`). An empty list means
 * loopback, link-local and private ranges.
 *
 * @throws {RangeError} When an entry is no address or network, or a network has host bits set.
 */
export function networks(entries: readonly string[]): Networks {
  return subnets((entries.length === 0 ? PRIVATE : entries).map(readNetwork));
}

function readNetwork(entry: string): Subnet {
  const [text = "", bitsText, ...rest] = entry.split("/");
  const { address, family } = plain(text);
  const most = family === 4 ? 32 : 128;
  const bits = bitsText === undefined ? most : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : Number.NaN;
  if (family === 0 || rest.length > 0 || !(bits <= most)) {
    throw new RangeError(`Cannot read network "${entry}": should be an address or address/bits`);
  }
  if (hasHostBits(address, family, bits)) {
    throw new RangeError(`Cannot read network "${entry}": bits behind the prefix are set`);
  }
  return { address, bits };
}
