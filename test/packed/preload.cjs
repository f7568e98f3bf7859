/**
 * What a packed charm cannot be told otherwise: where the folders of its pod are on this machine, and what time it is.
 * `IAP_PACKED` is JSON: `folder`, which stands for the pod, and `now`, in milliseconds since the epoch.
 */
const fs = require("node:fs");
const net = require("node:net");

const { folder, now } = JSON.parse(process.env.IAP_PACKED);
const places = [
  ["/charm/containers/", `${folder}/c/`],
  ["/var/run/secrets/kubernetes.io/serviceaccount/", `${folder}/account/`],
];

const here = (file) => {
  const place = typeof file === "string" ? places.find(([pod]) => file.startsWith(pod)) : undefined;
  return place === undefined ? file : place[1] + file.slice(place[0].length);
};

const { readFileSync } = fs;
fs.readFileSync = (file, ...rest) => readFileSync(here(file), ...rest);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first?.path === "string") first.path = here(first.path);
  return connect.apply(this, args);
};

Date.now = () => now;
