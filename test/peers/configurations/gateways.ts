import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";
import {
  listening,
  type Gateway as Process,
  type Program,
  standIn,
  startGateway,
} from "../../../workload/traefik/golden/process.ts";
import type { Peer } from "../go-program.ts";
import { installEnvoy } from "../installed.ts";
import { exampleText, placed } from "../points/example.ts";
import { nginxConfiguration, readIngresses } from "../points/ingress-nginx.ts";
import { envoyConfiguration } from "../points/istio.ts";
import { MODULES, nginxWithLua } from "../points/proxies.ts";
import { buildTraefik } from "../traefik.ts";

/** Where a gateway is, and whom it asks. */
export interface Places {
  readonly folder: string;
  /** Port of 127.0.0.1 that stands for 443. */
  readonly web: number;
  /** Port of the decision point. */
  readonly decisions: number;
  readonly application: number;
  /** Port of the provider, for the gateway that is in front of it as well. */
  readonly provider: number;
  /** Files of a certificate for the public names. */
  readonly certificate: { readonly cert: string; readonly key: string };
}

/** A real gateway with the configuration that a cluster's controller would give it. */
export interface Gateway {
  readonly name: string;
  /** The program, or why there is none. */
  find(): Promise<Peer>;
  start(program: string, places: Places): Promise<Process>;
}

const text = (...names: string[]) => readFile(path.join(import.meta.dirname, ...names), "utf8");

/** Milliseconds that a gateway gets to listen. */
const PATIENCE = 20_000;

async function started(program: Program, args: readonly string[], places: Places): Promise<Process> {
  const gateway = startGateway(["/usr/bin/env", "-C", places.folder, ...program], args, {
    HOME: places.folder,
  });
  if (await listening("127.0.0.1", places.web, PATIENCE)) return gateway;
  await gateway.stop();
  throw new Error(`Cannot start ${program[0]}: ${gateway.output()}`);
}

/** Ingresses as the controller's nginx has them. Services are found by the ports that their Ingresses name. */
export const ingressNginx: Gateway = {
  name: "ingress-nginx",
  find: nginxWithLua,
  async start(program, places) {
    const ingresses = readIngresses(await text("dex-ingress-nginx", "ingress.yaml"));
    const configuration = nginxConfiguration(ingresses, {
      listen: `127.0.0.1:${places.web}`,
      modules: MODULES,
      certificate: places.certificate,
      address: (_, port) => `127.0.0.1:${port === 4180 ? places.decisions : places.application}`,
    });
    const file = path.join(places.folder, "nginx.conf");
    await writeFile(file, configuration);
    return started([program], ["-p", places.folder, "-c", file, "-g", "daemon off;"], places);
  },
};

interface Policy {
  readonly spec: {
    readonly rules: readonly {
      readonly to: readonly { readonly operation: { readonly hosts: readonly string[] } }[];
    }[];
  };
}

/** The ingress gateway of Istio, for the hosts that the policy names. */
export const istio: Gateway = {
  name: "Istio's Envoy",
  find: installEnvoy,
  async start(program, places) {
    const policy = parse(await text("okta-istio", "policy.yaml")) as Policy;
    const hosts = policy.spec.rules.flatMap(({ to }) => to.flatMap(({ operation }) => operation.hosts));
    const base = placed(await exampleText("envoy-http", "envoy.yaml"), { ...places, grpc: 0, issuer: "" });
    const mesh = await text("okta-istio", "mesh.yaml");
    const { certificate } = places;
    await writeFile(
      path.join(places.folder, "envoy.yaml"),
      envoyConfiguration(mesh, base, { certificate, hosts }),
    );
    const args = ["-c", "envoy.yaml", "--concurrency", "1", "--use-dynamic-base-id", "-l", "warning"];
    return started([program], args, places);
  },
};

async function startTraefik(program: Program, places: Places): Promise<Process> {
  const { decisions, application, provider } = places;
  const services = {
    "oauth2-proxy-k8s": decisions,
    "reports-0.reports-endpoints": application,
    hydra: provider,
  };
  const routes = (await text("canonical", "routes.yaml")).replace(
    /http:\/\/([\w.-]+)\.iam\.svc\.cluster\.local:\d+/g,
    (_, service: keyof typeof services) => `http://127.0.0.1:${services[service]}`,
  );
  const { cert, key } = places.certificate;
  const files = {
    "routes.yaml": routes,
    "certificates.yaml": stringify({ tls: { certificates: [{ certFile: cert, keyFile: key }] } }),
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(path.join(places.folder, name), content);
  const configuration = {
    entryPoints: { websecure: { address: `127.0.0.1:${places.web}` } },
    providers: { file: { directory: places.folder } },
  };
  const file = path.join(places.folder, "traefik.yml");
  await writeFile(file, stringify(configuration));
  return started(program, [`--configFile=${file}`], places);
}

/** Traefik with the files that traefik-k8s writes. */
export const traefik: Gateway = {
  name: "Traefik",
  find: buildTraefik,
  start: (program, places) => startTraefik([program], places),
};

/** Our Traefik, which charms have on a laptop. */
export const ourTraefik: Gateway = {
  name: "our Traefik",
  find: async () => ({ program: standIn[0] ?? "" }),
  start: (_, places) => startTraefik(standIn, places),
};
