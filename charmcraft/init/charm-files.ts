/** The first files of a new charm: a page that says what an option says, behind a gateway when there is one. */

/** Name → text of the files that are the charm. */
export function charmFiles(name: string): Readonly<Record<string, string>> {
  return {
    "contract.ts": contract(name),
    "charm.ts": CHARM,
    "workload.ts": WORKLOAD,
    "main.ts": MAIN,
    "charm.test.ts": TEST,
    "README.md": readme(name, greeting(name), WORKLOAD_FILE),
  };
}

const contract = (name: string): string => `import { defineCharm, option } from "charmed-iap/charm";
import { ingress } from "charmed-iap/interfaces/ingress/v2";

/** What the charm is. \`iap emit\` makes charmcraft.yaml, REFERENCE.md and terraform/ of it. */
export const contract = defineCharm({
  name: ${JSON.stringify(name)},
  summary: "Shows a greeting.",
  description: "A web page with a greeting. Replace this with what your charm is for.",
  config: {
    greeting: option.string({ default: "Hello!", description: "What the page says." }),
  },
  requires: {
    ingress: ingress.requirer({ limit: 1, optional: true, description: "The gateway in front of the page." }),
  },
  containers: {
    web: {
      image: "web-image",
      upstreamSource: "docker.io/library/busybox:1.37",
      description: "The web server.",
    },
  },
  assumes: ["juju >= 3.6", "k8s-api"],
});
`;

const CHARM = `import { active } from "charmed-iap/charm";
import { unitHost } from "charmed-iap/interfaces/ingress/v2";
import { contract } from "./contract.ts";
import { FOLDER, PORT, plan } from "./workload.ts";

export default contract.implement({
  /** Runs after every event, and is not told which: reads what is, writes what should be, says how that went. */
  async reconcile({ app, unit, model, config, relations: { ingress }, containers, setPorts }) {
    setPorts(PORT);
    ingress.publish({ model, name: app, port: PORT, "strip-prefix": true });
    ingress.publishUnit({ host: unitHost(unit, model) });
    await containers.web.apply(plan(config.greeting, containers.web.path(FOLDER)));
    return ingress.state === "ready" ? active(ingress.data.ingress.url) : active();
  },
});
`;

const WORKLOAD = `import type { WorkloadPlan } from "charmed-iap/charm";

/** Where the web server listens, in the pod. */
export const PORT = 8080;

/** Where the page is, in the container. */
export const FOLDER = "/srv/www";

/**
 * What runs in the container. A function of plain data, so that a test needs nothing else.
 *
 * @param folder How a command names {@link FOLDER}: \`container.path(FOLDER)\`.
 */
export function plan(greeting: string, folder: string): WorkloadPlan {
  return {
    // The server reads the page for each request: a new greeting is no reason to restart it.
    services: { web: { command: \`/bin/httpd -f -p \${PORT} -h \${folder}\`, reads: [] } },
    files: { [\`\${FOLDER}/index.html\`]: \`<!doctype html><p>\${escaped(greeting)}</p>\\n\` },
    checks: { ready: { level: "ready", http: { url: \`http://localhost:\${PORT}/\` } } },
  };
}

/** Text in which nothing is markup. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
`;

/** What Juju runs. */
export const MAIN = `import { dispatch } from "charmed-iap/charm";
import charm from "./charm.ts";

void dispatch(charm);
`;

const TEST = `import { active, waiting } from "charmed-iap/charm";
import { type StateOf, transition } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import charm from "./charm.ts";
import { FOLDER, plan } from "./workload.ts";

/** Everything the charm needs; each test takes away or changes one thing. */
const complete = {
  leader: true,
  relations: {
    ingress: { remoteApp: "traefik", remoteAppData: { ingress: { url: "https://gw.test/web" } } },
  },
} satisfies StateOf<typeof charm>;

describe("reconcile()", () => {
  test("runs the web server with the greeting", async () => {
    const { containers, openedPorts } = await transition(charm, "web-pebble-ready", {
      ...complete,
      config: { greeting: "Hi <you>" },
    });
    expect(containers.web.running).toEqual(["web"]);
    expect(containers.web.files[\`\${FOLDER}/index.html\`]).toContain("Hi &lt;you>");
    expect(openedPorts).toEqual(["8080/tcp"]);
  });

  test("says where the page is, once the gateway has told", async () => {
    const { status } = await transition(charm, "ingress-relation-changed", complete);
    expect(status).toEqual(active("https://gw.test/web"));
  });

  test("needs no gateway", async () => {
    const { status } = await transition(charm, "config-changed", { leader: true });
    expect(status).toEqual(active());
  });

  test("waits for its container", async () => {
    const { status } = await transition(charm, "config-changed", {
      ...complete,
      containers: { web: { canConnect: false } },
    });
    expect(status).toEqual(waiting("web: waiting for Pebble"));
  });

  test("writes no application databag from a follower", async () => {
    const { relations } = await transition(charm, "config-changed", { ...complete, leader: false });
    expect(relations.ingress[0]?.localAppData).toEqual({});
  });
});

test("plan() does not restart the server for a new greeting", () => {
  expect(plan("a", FOLDER).services).toEqual(plan("b", FOLDER).services);
});
`;

const greeting = (name: string): string => `Shows a greeting.

\`\`\`sh
npx iap pack                        # makes ${name}_amd64.charm
juju deploy ./${name}_amd64.charm --resource web-image=docker.io/library/busybox:1.37
juju config ${name} greeting="Good morning!"
\`\`\``;

const WORKLOAD_FILE = "- `workload.ts`: what runs in the container, as a function of plain data\n";

/** README of a charm. @param about What it is, and how it is deployed. */
export const readme = (name: string, about: string, files = ""): string => `# ${name}

${about}

What is where:

- \`contract.ts\`: what the charm is, its options, endpoints, containers and actions
- \`charm.ts\`: what it does after every event
${files}- \`charm.test.ts\`: tests, without Juju and in milliseconds
- \`main.ts\`: what Juju runs
- \`charmcraft.yaml\`, \`REFERENCE.md\`, \`terraform/\`: emitted; run \`npx iap emit\` after a change of the contract

\`npx iap check\` says what Juju would refuse. \`charmcraft pack\` packs this folder too.
`;
