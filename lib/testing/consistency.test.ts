import { action, active, defineCharm, option } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { InconsistentStateError, transition } from "charmed-iap/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { oauth, proxyPeers } from "../charm/testdata/interfaces.ts";

const info = defineInterface({
  name: "info",
  version: 0,
  provider: {},
  requirer: databag(v.object({ a: v.string() })),
});

const charm = defineCharm({
  name: "web",
  summary: "x",
  config: { count: option.int({ description: "x" }), password: option.secret({ description: "x" }) },
  requires: { oauth: oauth.requirer({ limit: 1, optional: true }) },
  provides: { info: info.provider({ optional: true, scope: "container" }) },
  peers: { peers: proxyPeers.peer() },
  containers: { web: { image: "web-image" } },
  storage: { data: { type: "filesystem" }, logs: { type: "filesystem", multiple: "0-2" } },
  actions: {
    ping: action({ description: "x", params: v.object({ times: v.number() }) }),
    pong: action({ description: "x" }),
  },
}).implement({ reconcile: () => active(), actions: { ping: () => undefined, pong: () => undefined } });

const machine = defineCharm({ name: "bare", summary: "x" }).implement({ reconcile: () => active() });

const content = { value: "v" };
const hydra = { relations: { oauth: { remoteApp: "hydra" } } };
const own = { secrets: [{ content, owner: "unit" }] };
const layers = {
  web: {
    services: { web: { command: "web", override: "replace" } },
    checks: { up: { override: "replace", exec: { command: "x" } } },
  },
};
const inWeb = (web: object) => ({ containers: { web } });

/** Title, event, state, and the only fault. */
const rows: readonly (readonly [string, unknown, unknown, string])[] = [
  [
    "a unit that is none",
    "start",
    { unit: "web" },
    'unit: "web" is not a unit\'s name, must be application/number',
  ],
  ["a model that is none", "start", { model: "A b" }, 'model: "A b" is not a model\'s name'],
  ["a UUID that is none", "start", { modelUuid: "x" }, 'modelUuid: "x" is not a UUID'],
  [
    "a version of long ago",
    "start",
    { jujuVersion: "2.9.1" },
    'jujuVersion: "2.9.1" is not a version of Juju 3 or 4',
  ],
  [
    "containers on machines",
    "start",
    { modelType: "machine" },
    "modelType: a charm with containers runs on kubernetes only",
  ],
  ["a machine on kubernetes", "start", { machine: "0" }, "machine: only a unit on a machine model has one"],
  ["a zone on kubernetes", "start", { zone: "a" }, "zone: only a unit on a machine model has one"],
  [
    "a principal of no subordinate",
    "start",
    { principal: "db/0" },
    "principal: the charm is not a subordinate",
  ],
  [
    "a cloud nobody is told",
    "start",
    { credential: {}, jujuVersion: "3.6.9" },
    "credential: Juju 3.6.9 has none on kubernetes, 3.6.10 and later do",
  ],
  [
    "a status that is none",
    "start",
    { unitStatus: { name: "fine" } },
    'unitStatus.name: "fine" is no status, must be one of unknown, active, blocked, waiting, maintenance, error',
  ],
  [
    "a peer's status that is none",
    "start",
    { peerStatuses: { 1: { name: "fine" } } },
    'peerStatuses.1.name: "fine" is no status, must be one of unknown, active, blocked, waiting, maintenance, error',
  ],
  [
    "the unit among its own peers",
    "start",
    { unit: "db/2", peerStatuses: { 2: { name: "active" } } },
    "peerStatuses: db/2 is the unit itself, give its unitStatus",
  ],
  [
    "a peer without a number",
    "start",
    { peerStatuses: { x: { name: "active" } } },
    'peerStatuses: "x" is not a unit\'s number',
  ],
  ["state that is no text", "start", { state: { a: 1 } }, "state.a: must be text, is number"],

  [
    "an option nobody declared",
    "start",
    { config: { x: 1 } },
    "config.x: is not declared, must be one of count, password",
  ],
  [
    "an option of another type",
    "start",
    { config: { count: "1" } },
    "config.count: must be of type int, is string",
  ],
  ["half a number for an int", "start", { config: { count: 1.5 } }, "config.count: must be a whole number"],
  [
    "text for a secret",
    "start",
    { config: { password: "hunter2" } },
    'config.password: must be the URI of a secret: "secret:" and 20 of 0-9, a-v',
  ],
  [
    "an action nobody declared",
    { action: "pang" },
    {},
    'event.action: "pang" is not declared, the charm has ping, pong',
  ],
  [
    "a parameter of another type",
    { action: "ping", params: { times: "1" } },
    {},
    'event.params: times: Invalid type: Expected number but received "1"',
  ],
  [
    "a parameter too many",
    { action: "ping", params: { times: 1, x: 1 } },
    {},
    "event.params.x: is not a parameter of ping",
  ],
  [
    "a parameter where there is none",
    { action: "pong", params: { x: 1 } },
    {},
    "event.params.x: is not a parameter of pong",
  ],

  [
    "an endpoint nobody declared",
    "start",
    { relations: { x: {} } },
    "relations.x: is not declared, must be one of oauth, info, peers",
  ],
  [
    "one id twice",
    "start",
    { relations: { info: [{ id: 1 }, { id: 1 }] } },
    "relations: id 1 is there twice",
  ],
  [
    "more relations than allowed",
    "start",
    { relations: { oauth: [{}, {}] } },
    "relations.oauth: has 2 relations, the charm's limit is 1",
  ],
  [
    "two peer relations",
    "start",
    { relations: { peers: [{}, {}] } },
    "relations.peers: a peer relation is there once, not 2 times",
  ],
  [
    "an id that is none",
    "start",
    { relations: { oauth: { id: -1 } } },
    "relations.oauth.id: must be a whole number from 0, is -1",
  ],
  [
    "peers of somebody else",
    "start",
    { relations: { peers: { remoteApp: "x" } } },
    "relations.peers.remoteApp: peers are of the same application",
  ],
  [
    "a peer that is the unit itself",
    "start",
    { relations: { peers: { units: { 0: {} } } } },
    "relations.peers.units: must not name the unit itself, web/0",
  ],
  [
    "siblings of peers",
    "start",
    { relations: { peers: { siblings: {} } } },
    'relations.peers.siblings: the other units of a peer relation are its "units"',
  ],
  [
    "a sibling that is the unit itself",
    "start",
    { relations: { oauth: { siblings: { 0: {} } } } },
    "relations.oauth.siblings: must not name the unit itself, web/0",
  ],
  [
    "an application of no name",
    "start",
    { relations: { oauth: { remoteApp: "A" } } },
    'relations.oauth.remoteApp: "A" is not an application\'s name',
  ],
  [
    "many units in container scope",
    "start",
    { relations: { info: { units: 2 } } },
    "relations.info.units: a relation of container scope has one remote unit",
  ],
  [
    "half a unit",
    "start",
    { relations: { oauth: { units: 1.5 } } },
    "relations.oauth.units: must be a whole number from 0, is 1.5",
  ],
  [
    "a unit without a number",
    "start",
    { relations: { oauth: { units: { a: {} } } } },
    "relations.oauth.units.a: is not a unit's number",
  ],
  [
    "numbers in a databag",
    "start",
    { relations: { oauth: { remoteAppRaw: { a: 1 } } } },
    "relations.oauth.remoteAppRaw.a: must be text, is number",
  ],
  [
    "a key that cannot be",
    "start",
    { relations: { oauth: { remoteAppRaw: { "a b": "1" } } } },
    "relations.oauth.remoteAppRaw.a b: a key must have no blank and no =",
  ],
  [
    "data the interface refuses",
    "start",
    { relations: { info: { remoteAppData: { a: 1 } } } },
    "relations.info.remoteAppData.a: Invalid type: Expected string but received 1",
  ],
  [
    "data and text at once",
    "start",
    { relations: { info: { remoteAppData: { a: "1" }, remoteAppRaw: {} } } },
    "relations.info.remoteAppRaw: must not be there beside data",
  ],
  [
    "data where there is no databag",
    "start",
    { relations: { info: { localAppData: { a: "1" } } } },
    "relations.info.localAppData: this side of the interface has no such databag",
  ],
  [
    "unit data where there is no databag",
    "start",
    { relations: { info: { units: { 0: { data: {} } } } } },
    "relations.info.units[0].data: this side of the interface has no such databag",
  ],
  [
    "fewer planned units than peers",
    "start",
    { plannedUnits: 2, relations: { peers: { units: { 1: {}, 2: {} } } } },
    'plannedUnits: must be at least 3, is 2: a peer that goes is "dying: true"',
  ],
  [
    "half a planned unit",
    "start",
    { plannedUnits: 0.5 },
    "plannedUnits: must be a whole number from 0, is 0.5",
  ],

  [
    "a container nobody declared",
    "start",
    { containers: { x: {} } },
    "containers.x: is not declared, must be one of web",
  ],
  [
    "a layer Pebble refuses",
    "start",
    inWeb({ layers: { a: { services: { web: { override: "x", command: "web" } } } } }),
    'containers.web.layers: layer "a" has invalid "override" value for service "web"',
  ],
  [
    "a running service of no plan",
    "start",
    inWeb({ layers, running: ["x"] }),
    'containers.web.running: "x" is not in the plan',
  ],
  [
    "a check of no plan",
    "start",
    inWeb({ down: ["up"] }),
    'containers.web.down: "up" is not a check of the plan',
  ],
  [
    "failures below none",
    "start",
    inWeb({ layers, failures: { up: -1 } }),
    "containers.web.failures.up: must be a whole number from 0, is -1",
  ],
  [
    "a file of no path",
    "start",
    inWeb({ layers, files: { "a/b": "" } }),
    'containers.web.files: "a/b" is not an absolute path of a file',
  ],
  [
    "a notice's key that Pebble refuses",
    "start",
    inWeb({ layers, notices: [{ key: "done" }] }),
    'containers.web.notices[0].key: invalid key "done" (must be in "example.com/path" format)',
  ],

  [
    "two secrets of one id",
    "start",
    {
      secrets: [
        { content, id: "0".repeat(20) },
        { content, id: "0".repeat(20) },
      ],
    },
    `secrets: id "${"0".repeat(20)}" is there twice`,
  ],
  [
    "two secrets of one label",
    "start",
    {
      secrets: [
        { content, label: "a" },
        { content, label: "a" },
      ],
    },
    'secrets: label "a" is there twice',
  ],
  [
    "an id of another form",
    "start",
    { secrets: [{ content, id: "x" }] },
    'secrets[0].id: "x" is not 20 of 0-9, a-v',
  ],
  [
    "a secret without content",
    "start",
    { secrets: [{ content: {} }] },
    "secrets[0].content: must not be empty",
  ],
  [
    "a latest revision without content",
    "start",
    { secrets: [{ content, latest: {} }] },
    "secrets[0].latest: must not be empty",
  ],
  [
    "a key that is too short",
    "start",
    { secrets: [{ content: { a: "1" } }] },
    "secrets[0].content.a: a key must be three or more of a-z, 0-9 and single dashes, a letter first",
  ],
  [
    "a secret of numbers",
    "start",
    { secrets: [{ content: { value: 1 } }] },
    "secrets[0].content.value: must be text, is number",
  ],
  [
    "a secret that is too large",
    "start",
    { secrets: [{ content: { value: "x".repeat(750_001) } }] },
    "secrets[0].content: must have at most 1000000 bytes in base64, has 1000004",
  ],
  [
    "a revision before the first",
    "start",
    { secrets: [{ content, revision: 0 }] },
    "secrets[0].revision: must be a whole number from 1, is 0",
  ],
  [
    "others' rotation",
    "start",
    { secrets: [{ content, rotate: "daily" }] },
    "secrets[0].rotate: is known to the secret's owner only",
  ],
  [
    "an owner who may not read",
    "start",
    { secrets: [{ content, owner: "app", granted: false }] },
    "secrets[0].granted: an owner may always read",
  ],
  [
    "a grant to nobody",
    "start",
    { secrets: [{ content, owner: "app", grants: [7] }] },
    "secrets[0].grants: there is no relation 7",
  ],
  [
    "a policy that is none",
    "start",
    { secrets: [{ content, owner: "app", rotate: "often" }] },
    'secrets[0].rotate: "often" is no policy, must be one of never, hourly, daily, weekly, monthly, quarterly, yearly',
  ],
  [
    "an expiry that is no time",
    "start",
    { secrets: [{ content, owner: "app", expire: new Date("x") }] },
    "secrets[0].expire: is not a time",
  ],

  [
    "a network of no endpoint",
    "start",
    { networks: { x: {} } },
    "networks.x: is not declared, must be one of oauth, info, peers, juju-info",
  ],
  [
    "an address that is none",
    "start",
    { networks: { oauth: { bindAddress: "x" } } },
    'networks.oauth.bindAddress: "x" is not an IP address',
  ],
  [
    "an interface's address that is none",
    "start",
    { networks: { oauth: { interfaces: { eth0: { addresses: [{ value: "x" }] } } } } },
    'networks.oauth.interfaces.eth0.addresses[0].value: "x" is not an IP address',
  ],
  [
    "a subnet that is none",
    "start",
    { networks: { oauth: { egressSubnets: ["10.0.0.0"] } } },
    'networks.oauth.egressSubnets[0]: "10.0.0.0" is not a subnet, 10.0.0.0/8 is',
  ],
  ["a port twice", "start", { openedPorts: [80, "80/tcp"] }, "openedPorts: 80/tcp is there twice"],
  [
    "a port beyond the last",
    "start",
    { openedPorts: [65536] },
    "openedPorts[0]: port range bounds must be between 0 and 65535, got 65536-65536",
  ],
  ["port 0", "start", { openedPorts: [0] }, "openedPorts[0]: 0/tcp cannot be opened, ports begin at 1"],
  [
    "a range on kubernetes",
    "start",
    { openedPorts: ["80-90/tcp"] },
    "openedPorts[0]: 80-90/tcp cannot be opened on kubernetes, single tcp and udp ports can",
  ],
  [
    "storage nobody declared",
    "start",
    { storage: { x: ["/x"] } },
    "storage.x: is not declared, must be one of data, logs",
  ],
  [
    "one storage twice",
    "start",
    { storage: { logs: [{ index: 1 }, { index: 1 }] } },
    "storage: logs/1 is there twice",
  ],
  [
    "more storage than allowed",
    "start",
    { storage: { data: ["/a", "/b"] } },
    "storage.data: has 2 instances, the charm allows 1",
  ],
  [
    "storage at no path",
    "start",
    { storage: { data: ["a"] } },
    "storage.data: the location of data/0 must be an absolute path",
  ],
  [
    "a resource nobody declared",
    "start",
    { resources: { x: "/x" } },
    "resources.x: is not declared, must be one of web-image",
  ],

  [
    "an event nobody has",
    "oauth-relation-exploded",
    {},
    'event: "oauth-relation-exploded" is not an event of this charm',
  ],
  ["a follower that is elected", "leader-elected", {}, "event: leader-elected comes to the leader only"],
  [
    "a relation event without the relation",
    "oauth-relation-changed",
    {},
    'event: oauth-relation-changed needs a relation of "oauth" in the state',
  ],
  [
    "a relation event of another relation",
    { event: "oauth-relation-changed", relation: 9 },
    hydra,
    'event: oauth-relation-changed needs the relation 9 of "oauth" in the state',
  ],
  [
    "a joined event without a unit",
    "oauth-relation-joined",
    { relations: { oauth: { units: 0 } } },
    "event: oauth-relation-joined needs a remote unit",
  ],
  [
    "a unit of somebody else",
    { event: "oauth-relation-joined", remoteUnit: "kratos/0" },
    hydra,
    'event.remoteUnit: "kratos/0" is not a unit of the relation, hydra/0 is',
  ],
  [
    "a created event with a unit",
    { event: "oauth-relation-created", remoteUnit: "hydra/0" },
    hydra,
    "event.remoteUnit: oauth-relation-created has none",
  ],
  [
    "a departing unit that stays",
    { event: "oauth-relation-departed", departingUnit: "web/7" },
    hydra,
    'event.departingUnit: must be the remote unit or web/0, is "web/7"',
  ],
  [
    "a departing unit of a changed",
    { event: "oauth-relation-changed", departingUnit: "web/0" },
    hydra,
    "event.departingUnit: oauth-relation-changed has none",
  ],
  ["details of another kind", { event: "start", storageId: "data/0" }, {}, "event.storageId: start has none"],
  [
    "a check event without its check",
    "web-pebble-check-failed",
    {},
    "event: web-pebble-check-failed needs a check",
  ],
  [
    "a check of no layer",
    { event: "web-pebble-check-failed", check: "up" },
    {},
    'event.check: "up" is not a check of the container\'s layers',
  ],
  [
    "a check before Juju had them",
    { event: "web-pebble-check-failed", check: "up" },
    { ...inWeb({ layers }), jujuVersion: "3.5.1" },
    "event: Juju 3.5.1 has no web-pebble-check-failed, 3.6 and later do",
  ],
  [
    "a check of a ready",
    { event: "web-pebble-ready", check: "up" },
    {},
    "event.check: web-pebble-ready has none",
  ],
  [
    "a notice event without its notice",
    "web-pebble-custom-notice",
    {},
    "event: web-pebble-custom-notice needs a notice",
  ],
  [
    "a notice with a key that Pebble refuses",
    { event: "web-pebble-custom-notice", notice: { key: "" } },
    {},
    'event.notice.key: invalid key "" (must be in "example.com/path" format)',
  ],
  [
    "a notice that is not there",
    { event: "web-pebble-custom-notice", notice: { key: "a.b/c" } },
    inWeb({ notices: [{ key: "a.b/d" }] }),
    'event.notice.key: "a.b/c" is not a notice of the container',
  ],
  [
    "a notice of a ready",
    { event: "web-pebble-ready", notice: { key: "a" } },
    {},
    "event.notice: web-pebble-ready has none",
  ],
  [
    "a notice before Juju had them",
    { event: "web-pebble-custom-notice", notice: { key: "a.b/c" } },
    { jujuVersion: "3.3.0" },
    "event: Juju 3.3.0 has no web-pebble-custom-notice, 3.4 and later do",
  ],
  [
    "a storage event without storage",
    "data-storage-attached",
    {},
    'event: data-storage-attached needs a storage "data" in the state',
  ],
  [
    "a storage event of another one",
    { event: "data-storage-attached", storageId: "data/7" },
    { storage: { data: ["/a"] } },
    "event: data-storage-attached needs the storage data/7 in the state",
  ],
  [
    "a secret event without a secret",
    "secret-changed",
    {},
    "event: secret-changed needs a secret in the state",
  ],
  [
    "a secret event of another one",
    { event: "secret-changed", secret: "x" },
    { secrets: [{ content }] },
    'event: secret-changed needs the secret "x" in the state',
  ],
  [
    "an owner's event of others' secret",
    "secret-remove",
    { secrets: [{ content }] },
    "event.secret: secret-remove comes to the secret's owner only",
  ],
  [
    "others' event of an own secret",
    "secret-changed",
    own,
    "event.secret: secret-changed comes to those who do not own the secret",
  ],
  [
    "a leader's event on a follower",
    "secret-remove",
    { secrets: [{ content, owner: "app", latest: { value: "w" } }] },
    "event.secret: secret-remove of an application's secret comes to the leader only",
  ],
  [
    "a rotation nobody wants",
    "secret-rotate",
    own,
    "event.secret: secret-rotate comes to secrets with a rotate policy only",
  ],
  [
    "an end that was never set",
    "secret-expired",
    own,
    "event.secret: secret-expired comes to secrets that expire only",
  ],
  [
    "a revision that is not there",
    { event: "secret-expired", revision: 2 },
    { secrets: [{ content, owner: "unit", expire: new Date(0) }] },
    "event.revision: must be from 1 to 1, is 2",
  ],
  [
    "the end of the latest revision",
    { event: "secret-remove", revision: 2 },
    { secrets: [{ content, owner: "unit", revision: 2 }] },
    "event.revision: must be from 1 to 1, is 2",
  ],
  [
    "the end of the only revision",
    "secret-remove",
    own,
    "event.secret: secret-remove comes when there is a later revision",
  ],
  [
    "a revision of a change",
    { event: "secret-changed", revision: 1 },
    { secrets: [{ content }] },
    "event.revision: secret-changed has none",
  ],

  [
    "a hook that Juju 4 has no more",
    "leader-settings-changed",
    {},
    "event: Juju 4.0.15 has no leader-settings-changed, 3.6 does",
  ],
  [
    "a leader that hears of itself",
    "leader-settings-changed",
    { leader: true, jujuVersion: "3.6" },
    "event: leader-settings-changed comes to followers only",
  ],
  [
    "an upgrade of no machine",
    "pre-series-upgrade",
    { jujuVersion: "3.6" },
    "event: pre-series-upgrade comes to units on machines only",
  ],
  [
    "a secret option before there were any",
    "start",
    { jujuVersion: "3.3.7", config: { password: `secret:${"0".repeat(20)}` } },
    "config.password: Juju 3.3.7 has no options of type secret, 3.4 and later do",
  ],
  [
    "a key too long for the controller",
    "start",
    { state: { ["k".repeat(257)]: "v" } },
    `state.${"k".repeat(20)}: a key must have at most 256 bytes, has 257`,
  ],
  [
    "a value too long for the controller",
    "start",
    { state: { a: "x".repeat(65_537) } },
    "state.a: a value must have at most 65536 bytes, has 65537",
  ],
  [
    "a notice twice",
    "start",
    inWeb({ notices: [{ key: "a.b/c" }, { key: "a.b/c" }] }),
    "containers.web.notices: custom a.b/c is there twice",
  ],
  [
    "a check that is up after too many failures",
    "start",
    inWeb({ layers, failures: { up: 3 } }),
    "containers.web.failures.up: must be below the threshold, 3, of a check that is up, is 3",
  ],
  [
    "a check that is down after too few failures",
    "start",
    inWeb({ layers, down: ["up"], failures: { up: 2 } }),
    "containers.web.failures.up: must be at least the threshold, 3, of a check that is down, is 2",
  ],
  [
    "a fault of no command",
    "start",
    { faults: { commands: [{ command: "x" }] } },
    'faults.commands[0].command: "x" is not a hook command',
  ],
  [
    "a fault of call 0",
    "start",
    { faults: { commands: [{ command: "is-leader", call: 0 }] } },
    "faults.commands[0].call: must be a whole number from 1",
  ],
  [
    "a fault of no container",
    "start",
    { faults: { pebble: { x: {} } } },
    "faults.pebble.x: is not declared, must be one of web",
  ],
  [
    "a death and a refusal in one",
    "start",
    { faults: { pebble: { web: { killed: true, refusal: { status: 500, message: "x" } } } } },
    "faults.pebble.web: either the hook is killed or Pebble refuses",
  ],
  [
    "a death before the start",
    "start",
    { faults: { killedAfter: -1 } },
    "faults.killedAfter: must be a whole number from 0",
  ],
  [
    "a follower that loses leadership",
    "start",
    { faults: { leadershipLostAfter: 1 } },
    "faults.leadershipLostAfter: only a leader can lose leadership",
  ],
];

describe("impossible", () => {
  test.each(rows)("%s", async (_title, event, state, fault) => {
    const error = await transition(charm, event as "start", state as never).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InconsistentStateError);
    const { faults } = error as InconsistentStateError;
    expect(faults.map(({ path, rule }) => `${path}: ${rule}`)).toEqual([fault]);
  });

  test("every fault is named at once, with its place", async () => {
    const attempt = transition(charm, "oauth-relation-joined", {
      unit: "web",
      config: { count: 0.5 },
      containers: { web: { down: ["up"] } },
      secrets: [{ content: {} }],
    } as never);
    await expect(attempt).rejects.toMatchObject({
      faults: ["unit", "config.count", "containers.web.down", "secrets[0].content", "event"].map((path) => ({
        path,
      })),
    });
  });
});

describe("unusual and possible", () => {
  test.each<[string, unknown, unknown]>([
    ["the least state there is", "start", {}],
    ["a container that is gone again", "web-pebble-ready", { containers: { web: { canConnect: false } } }],
    [
      "a peer that goes",
      "start",
      { plannedUnits: 1, relations: { peers: { units: { 1: { dying: true } } } } },
    ],
    ["the last unit stops", "stop", { plannedUnits: 0 }],
    ["this unit departs", { event: "oauth-relation-departed", departingUnit: "web/0" }, hydra],
    [
      "an application of another model",
      "start",
      { relations: { oauth: { remoteApp: `remote-${"0a".repeat(16)}` } } },
    ],
    ["parameters that Juju would refuse, on purpose", { action: "ping", raw: { x: 1 } }, {}],
    ["the oldest cloud that may be told", "start", { credential: {}, jujuVersion: "3.6.10" }],
  ])("%s", async (_title, event, state) => {
    await expect(transition(charm, event as "start", state as never)).resolves.toBeDefined();
  });

  test("a model's name with two dashes, a revision before the latest, hooks of Juju 3.6", async () => {
    const outdated = { ...own, secrets: [{ ...own.secrets[0], latest: { value: "w" } }] };
    for (const [event, state] of [
      ["start", { model: "a--b" }],
      ["secret-remove", outdated],
      ["leader-settings-changed", { jujuVersion: "3.6" }],
    ] as const)
      await expect(transition(charm, event, state as never)).resolves.toBeDefined();
  });

  test("a unit on a machine", async () => {
    const state = { modelType: "machine", machine: "0", zone: "a", openedPorts: ["53/udp"] } as const;
    await expect(transition(machine, "start", state)).resolves.toMatchObject({ openedPorts: ["53/udp"] });
  });
});
