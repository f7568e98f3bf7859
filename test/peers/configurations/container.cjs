"use strict";

// Runs first in a program that was configured for a container in a cluster, and gives it what it would have there: names that
// the cluster's DNS knows, ports of its own, and files that are mounted. Arguments and variables stay as they were written.

const fs = require("node:fs");
const net = require("node:net");
const { syncBuiltinESMExports } = require("node:module");

/**
 * @param {object} container
 * @param {Record<string, number>} container.services `name:port` → port of 127.0.0.1 that stands for it.
 * @param {Record<string, number>} container.ports Port that the program listens on → port of 127.0.0.1 instead.
 * @param {Record<string, string>} container.files Path in the container → file.
 */
module.exports = ({ services, ports, files }) => {
  const { connect } = net.Socket.prototype;
  const led = (options) => {
    const port = services[`${options?.host}:${options?.port}`];
    return port === undefined ? options : { ...options, host: "127.0.0.1", port, lookup: undefined };
  };
  net.Socket.prototype.connect = function (...args) {
    // `net.connect` hands over a list that it has made of its arguments.
    if (Array.isArray(args[0])) args[0][0] = led(args[0][0]);
    else args[0] = led(args[0]);
    return connect.apply(this, args);
  };

  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (options, ...rest) {
    const port = ports[options?.port];
    return listen.call(this, port === undefined ? options : { ...options, host: "127.0.0.1", port }, ...rest);
  };

  const inside = (module, names) => {
    for (const name of names) {
      const original = module[name];
      module[name] = (path, ...rest) => original(files[path] ?? path, ...rest);
    }
  };
  inside(fs, ["readFileSync", "statSync", "existsSync"]);
  inside(fs.promises, ["readFile", "stat"]);
  syncBuiltinESMExports();
};
