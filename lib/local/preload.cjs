"use strict";

// Runs first in every Node.js process of a unit (NODE_OPTIONS --require), so that charms and workloads can
// say "0.0.0.0", "localhost" and cluster names on a laptop. Small, and plain JavaScript, because every hook
// pays for it. Used by the unit's own preload file: `require(".../preload.cjs")({ address, … })`.

const dns = require("node:dns");
const fs = require("node:fs");
const { enableCompileCache } = require("node:module");
const net = require("node:net");

const LOOPBACK = new Set(["localhost", "127.0.0.1", "::1", "::ffff:127.0.0.1"]);
const ANY = new Set(["0.0.0.0", "::", ""]);

/**
 * @param {object} unit
 * @param {string} unit.address The unit's own loopback address.
 * @param {string} unit.hosts File of names, in the form of /etc/hosts.
 * @param {string[]} unit.search Domains tried behind a short name, as in resolv.conf.
 * @param {string} unit.listening Folder that gets one empty file for every port this unit listens on.
 * @param {string} unit.compiled Folder where Node.js keeps compiled code, so that the next start is shorter.
 */
module.exports = (unit) => {
  enableCompileCache?.(unit.compiled);
  const resolve = resolver(unit);
  patchLookup(resolve);
  patchConnect(unit, resolve);
  patchListen(unit);
};

/** Answers a name from the hosts file; `undefined` leaves it to the system. */
function resolver(unit) {
  let stamp = "";
  let table = new Map();
  const read = () => {
    const { ino, mtimeMs, size } = fs.statSync(unit.hosts, { throwIfNoEntry: false }) ?? {};
    if (stamp === `${ino} ${mtimeMs} ${size}`) return table;
    stamp = `${ino} ${mtimeMs} ${size}`;
    table = new Map();
    if (ino === undefined) return table;
    for (const line of fs.readFileSync(unit.hosts, "utf8").split("\n")) {
      const [address, ...names] = line.trim().split(/\s+/);
      if (!address || address.startsWith("#")) continue;
      for (const name of names) table.set(name, address);
    }
    return table;
  };
  return (name) => {
    const plain = name.toLowerCase().replace(/\.$/, "");
    if (LOOPBACK.has(plain)) return unit.address;
    const names = read();
    for (const domain of ["", ...unit.search]) {
      const found = names.get(domain ? `${plain}.${domain}` : plain);
      if (found) return found;
    }
    // Every name under a gateway's own leads to that gateway, as browsers have it for .localhost.
    if (!plain.endsWith(".localhost")) return undefined;
    for (let rest = plain; rest.includes("."); rest = rest.slice(rest.indexOf(".") + 1)) {
      const found = names.get(rest);
      if (found) return found;
    }
    return names.get("*.localhost");
  };
}

function patchLookup(resolve) {
  const answer = (address, options) => {
    const family = net.isIP(address);
    return options?.all ? [{ address, family }] : { address, family };
  };
  const own = (name) => (typeof name === "string" && name && !net.isIP(name) ? resolve(name) : undefined);

  const { lookup } = dns;
  dns.lookup = (...args) => {
    const [name, options] = args;
    const done = args.at(-1);
    const address = typeof done === "function" ? own(name) : undefined;
    if (!address) return lookup(...args);
    const found = answer(address, typeof options === "object" ? options : undefined);
    if (Array.isArray(found)) process.nextTick(done, null, found);
    else process.nextTick(done, null, found.address, found.family);
    return {};
  };

  const promised = dns.promises.lookup;
  dns.promises.lookup = async (...args) => {
    const address = own(args[0]);
    return address ? answer(address, args[1]) : promised(...args);
  };
}

/** "localhost" is the unit itself, and other units see this unit's address as the caller's. */
function patchConnect(unit, resolve) {
  const { connect } = net.Socket.prototype;
  const rewrite = (options) => {
    if (!options || typeof options !== "object" || options.path || options.port === undefined) return options;
    const host = String(options.host || "localhost").toLowerCase();
    const address = net.isIP(host) && !LOOPBACK.has(host) ? host : options.lookup ? undefined : resolve(host);
    if (!address) return options;
    const copy = Object.assign(Object.create(Object.getPrototypeOf(options)), options, { host: address });
    if (address.startsWith("127.") && !copy.localAddress) copy.localAddress = unit.address;
    return copy;
  };
  net.Socket.prototype.connect = function (...args) {
    if (Array.isArray(args[0])) {
      args[0][0] = rewrite(args[0][0]);
    } else if (args[0] !== null && typeof args[0] === "object") {
      args[0] = rewrite(args[0]);
    } else if (isPort(args[0])) {
      const host = typeof args[1] === "string" ? args.splice(1, 1)[0] : undefined;
      args[0] = rewrite({ port: args[0], ...(host ? { host } : {}) });
    }
    return connect.apply(this, args);
  };
}

function patchListen(unit) {
  const { listen } = net.Server.prototype;
  const own = (host) =>
    host === undefined || host === null || ANY.has(host) || LOOPBACK.has(host) ? unit.address : host;
  net.Server.prototype.listen = function (...args) {
    const [first, second] = args;
    if (first === undefined || first === null || typeof first === "function") {
      args.splice(0, typeof first === "function" ? 0 : Math.min(1, args.length), {
        port: 0,
        host: unit.address,
      });
    } else if (isPort(first)) {
      if (typeof second === "string") args[1] = own(second);
      else args.splice(1, second === undefined || second === null ? 1 : 0, unit.address);
    } else if (typeof first === "object" && isPort(first.port) && first.fd === undefined) {
      args[0] = { ...first, host: own(first.host), ipv6Only: false };
    } else {
      return listen.apply(this, args);
    }
    this.once("listening", () => report(unit, this.address()));
    return listen.apply(this, args);
  };
}

function report(unit, bound) {
  if (!bound || typeof bound !== "object" || bound.address !== unit.address) return;
  try {
    fs.mkdirSync(unit.listening, { recursive: true });
    fs.writeFileSync(`${unit.listening}/${bound.port}`, "");
  } catch (error) {
    process.emitWarning(`Cannot tell the local model about port ${bound.port}: ${error.message}`);
  }
}

function isPort(value) {
  return typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value));
}
