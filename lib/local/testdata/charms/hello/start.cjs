"use strict";
// Adds a layer and replans, over Pebble's socket.
const http = require("node:http");
const socketPath = `${process.env.CHARMED_IAP_CONTAINERS}/app/pebble.socket`;
const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const request = http.request({ socketPath, method, path, headers: { "content-type": "application/json" } }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => (response.statusCode < 300 ? resolve(JSON.parse(text)) : reject(new Error(text))));
    });
    request.on("error", reject);
    request.end(JSON.stringify(body));
  });
const layer = `services: {web: {override: replace, startup: enabled, command: page, environment: {MESSAGE: ${JSON.stringify(process.argv[2])}, UNIT: ${JSON.stringify(process.env.JUJU_UNIT_NAME)}}}}`;
call("POST", "/v1/layers", { action: "add", combine: true, label: "web", format: "yaml", layer })
  .then(() => call("POST", "/v1/services", { action: "replan", services: [] }))
  .then(({ change }) => call("GET", `/v1/changes/${change}/wait`))
  .catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
