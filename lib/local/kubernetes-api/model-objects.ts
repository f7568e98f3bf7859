import type { ModelHost } from "../controller/model-host.ts";
import type { Store } from "../controller/store.ts";
import type { Gateways } from "../network/gateways.ts";
import { ApiStatus, notFound } from "./errors.ts";
import { type JsonObject, merge } from "./merge.ts";
import { Objects } from "./objects.ts";
import type { Target } from "./route.ts";
import { gatewayRequest, serviceView } from "./service-view.ts";
import { statefulSet, withoutEmptyAmounts } from "./stateful-set.ts";
import { validate } from "./validate.ts";

/** A request's words. */
export interface Payload {
  readonly body: JsonObject;
  readonly contentType: string;
  readonly fieldManager: string;
}

/** The Kubernetes objects of one model. */
export class ModelObjects {
  readonly #host: ModelHost;
  readonly #gateways: Gateways;
  readonly #kinds: Readonly<Record<string, Objects>>;

  constructor(host: ModelHost, o: { readonly store: Store; readonly gateways: Gateways }) {
    this.#host = host;
    this.#gateways = o.gateways;
    const kinds = ["services", "configmaps", "statefulsets"];
    this.#kinds = Object.fromEntries(kinds.map((kind) => [kind, new Objects(o.store, host.uuid, kind)]));
  }

  exists(target: Target): boolean {
    return target.name !== undefined && this.#view(target.resource, target.name) !== undefined;
  }

  /** Answers one request that is allowed. @throws {ApiStatus} */
  async answer(target: Target, payload: Payload): Promise<JsonObject> {
    const { verb, resource } = target;
    if (verb === "list") return this.#list(resource);
    const name = target.name ?? String((payload.body["metadata"] as JsonObject | undefined)?.["name"] ?? "");
    if (verb === "get") return this.#found(resource, name);
    if (resource === "namespaces")
      throw new ApiStatus(405, "MethodNotAllowed", "namespaces cannot be changed here");
    if (resource === "statefulsets" && !this.#host.model.state.applications[name]) {
      throw notFound(`statefulsets.apps "${name}"`);
    }
    if (verb === "delete") return this.#delete(resource, name);
    this.#write(target, name, payload);
    if (resource === "services") await this.#publish(name);
    return this.#found(resource, name);
  }

  /** Publishes every load balancer again, after a restart. @throws {LocalError} `ERR_PORT_IN_USE` */
  async resume(): Promise<void> {
    for (const name of this.#objects("services").names()) await this.#publish(name);
  }

  /** Removes load balancers whose application is gone. */
  async sweep(): Promise<void> {
    const { applications } = this.#host.model.state;
    for (const name of this.#objects("services").names()) {
      const request = gatewayRequest(this.#host.name, name, this.#objects("services").get(name) ?? {});
      if (request && !applications[request.application]) await this.#delete("services", name);
    }
  }

  async withdraw(): Promise<void> {
    for (const service of this.#objects("services").names()) {
      await this.#gateways.withdraw({ model: this.#host.name, service });
    }
  }

  #objects(kind: string): Objects {
    const found = this.#kinds[kind];
    if (!found) throw notFound(kind);
    return found;
  }

  #list(resource: string): JsonObject {
    const kind = { services: "ServiceList", configmaps: "ConfigMapList", statefulsets: "StatefulSetList" }[
      resource
    ];
    const names =
      resource === "statefulsets"
        ? Object.keys(this.#host.model.state.applications)
        : this.#objects(resource).names();
    const items = names.map((name) => this.#found(resource, name));
    return {
      apiVersion: resource === "statefulsets" ? "apps/v1" : "v1",
      kind: kind ?? "List",
      metadata: {},
      items,
    };
  }

  #found(resource: string, name: string): JsonObject {
    const view = this.#view(resource, name);
    if (!view) throw notFound(`${resource === "statefulsets" ? "statefulsets.apps" : resource} "${name}"`);
    return view;
  }

  #view(resource: string, name: string): JsonObject | undefined {
    const namespace = this.#host.name;
    if (resource === "namespaces") {
      return name === namespace ? { apiVersion: "v1", kind: "Namespace", metadata: { name } } : undefined;
    }
    const stored = this.#objects(resource).get(name);
    if (resource === "statefulsets") {
      const app = this.#host.model.state.applications[name];
      if (!app) return undefined;
      const whole = merge(statefulSet(namespace, app), stored ?? { metadata: { name } });
      return withoutEmptyAmounts(whole) as JsonObject;
    }
    if (!stored) return undefined;
    if (resource === "configmaps") {
      return merge({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace } }, stored) as JsonObject;
    }
    const ports = this.#gateways
      .published()
      .filter(({ model, service }) => model === namespace && service === name);
    const [first] = ports;
    return serviceView(stored, {
      namespace,
      ...(first ? { hostname: first.hostname, ports: ports.map(({ port }) => port) } : {}),
    });
  }

  #write({ verb, resource }: Target, name: string, { body, contentType, fieldManager }: Payload): void {
    const objects = this.#objects(resource);
    validate(resource, name, body);
    if (verb === "create") objects.create(name, body);
    else if (verb === "update") objects.replace(name, body);
    else if (contentType === "application/apply-patch+yaml") {
      if (fieldManager === "") {
        throw new ApiStatus(400, "BadRequest", "fieldManager is required for apply patch");
      }
      objects.apply(name, fieldManager, body);
    } else this.#patch(resource, name, body, contentType);
  }

  #patch(resource: string, name: string, body: JsonObject, contentType: string): void {
    const objects = this.#objects(resource);
    const strategic = contentType === "application/strategic-merge-patch+json";
    if (!strategic && contentType !== "application/merge-patch+json") {
      throw new ApiStatus(
        415,
        "UnsupportedMediaType",
        `the local model does not support patches of type "${contentType}"`,
      );
    }
    if (resource === "statefulsets" && !objects.get(name)) objects.create(name, this.#found(resource, name));
    objects.patch(name, body, strategic);
  }

  async #delete(resource: string, name: string): Promise<JsonObject> {
    const view = this.#objects(resource).get(name) && this.#view(resource, name);
    if (!view) throw notFound(`${resource} "${name}"`);
    if (resource === "services") await this.#gateways.withdraw({ model: this.#host.name, service: name });
    this.#objects(resource).delete(name);
    if (resource === "services") return view;
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" };
  }

  async #publish(name: string): Promise<void> {
    const model = this.#host.name;
    const request = gatewayRequest(model, name, this.#objects("services").get(name) ?? {});
    if (request) await this.#gateways.publish(request);
    else await this.#gateways.withdraw({ model, service: name });
  }
}
