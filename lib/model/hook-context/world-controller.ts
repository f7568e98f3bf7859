import { type HookWorld, lateValue, type WorldRelation, type WorldSecret } from "../world.ts";
import { OperationError } from "./errors.ts";
import { quote } from "./go/text.ts";
import { textsOf } from "./go/value.ts";
import { applicationOf, applicationTag, unitTag } from "./names.ts";
import type { Controller, ControllerNetwork, JujuVersion, SecretContent, SecretRequest } from "./types.ts";

/** What the world's snapshot cannot say by itself. */
export interface WorldControllerOptions {
  readonly world: HookWorld;
  readonly version: JujuVersion;
  /** Whether the model has an application of this name; 4.x says so when asked for its databag. */
  readonly applicationExists?: (name: string) => boolean;
}

/**
 * A controller that answers from the world a hook runs in, with the texts of its release: those of
 * 3.6 as its source has them, those of 4.x as a running 4.0.15 said them.
 */
export class WorldController implements Controller {
  protected readonly world: HookWorld;
  readonly #version: JujuVersion;
  readonly #exists: (name: string) => boolean;
  #secrets: readonly WorldSecret[] | undefined;
  readonly #tracked = new Map<string, number>();
  readonly #consumerLabels = new Map<string, string>();
  readonly #ownerLabels = new Map<string, string>();

  constructor(options: WorldControllerOptions) {
    this.world = options.world;
    this.#version = options.version;
    this.#exists =
      options.applicationExists ?? ((name) => this.world.relations.some((r) => r["remote-app"] === name));
  }

  unitSettings(relationId: number, unit: string): ReadonlyMap<string, string> {
    const relation = this.#relation(relationId);
    const app = applicationOf(unit);
    const related = app === relation["remote-app"] || app === this.#app;
    const settings = related ? relation.data[unit] : undefined;
    if (settings !== undefined) return textsOf(settings);
    if (this.#isFour) throw new OperationError("relation unit not found");
    if (!related) throw new OperationError("permission denied");
    throw new OperationError(
      `cannot read settings for unit ${quote(unit)} in relation ${quote(relation.key)}: unit ${quote(unit)}: settings not found`,
    );
  }

  appSettings(relationId: number, app: string): ReadonlyMap<string, string> {
    const relation = this.#relation(relationId);
    const own = app === this.#app;
    const allowed = app === relation["remote-app"] || (own && this.#isFour);
    if (allowed) return textsOf(relation.data[app]);
    if (!this.#isFour) throw new OperationError("permission denied");
    throw new OperationError(
      this.#exists(app)
        ? "getting relation endpoint UUID: application not found in relation"
        : `getting application ${quote(app)} not found`,
    );
  }

  secretContent(request: SecretRequest): SecretContent {
    const secret = this.#findSecret(request);
    if (secret.readable === false) throw new OperationError("permission denied");
    this.#relabel(secret, request);
    const tracked = this.#track(secret, request);
    const revision = request.peek ? secret.revision : tracked;
    return { id: secret.id, tracked, content: secret.content?.[String(revision)] ?? {} };
  }

  network(binding: string): ControllerNetwork {
    const networks = lateValue(this.world.networks ?? {});
    const network = Object.hasOwn(networks, binding) ? networks[binding] : undefined;
    if (network !== undefined) return { network };
    return this.#isFour
      ? { network: {} }
      : { error: `undefined for unit charm: endpoint ${quote(binding)} not valid` };
  }

  publicAddress(): string {
    const address = this.world["public-address"] ?? "";
    if (address === "") throw new OperationError(`${quote(this.world.unit)} has no public address set`);
    return address;
  }

  storage(id: string): { readonly kind: string; readonly location: string } {
    const found = (this.world.storage ?? []).find((storage) => storage.id === id);
    if (found === undefined) throw new OperationError(`storage instance ${quote(id)} not found`);
    if (found["not-provisioned"]) throw new OperationError("storage not provisioned");
    return { kind: found.kind, location: found.location ?? "" };
  }

  cloudSpec(): Readonly<Record<string, unknown>> {
    const spec = this.world["cloud-spec"];
    if (typeof spec !== "object" || spec === null) throw new OperationError("permission denied");
    return spec as Readonly<Record<string, unknown>>;
  }

  resource(name: string): string {
    const resources = this.world.resources ?? {};
    const found = name !== "" && Object.hasOwn(resources, name) ? resources[name] : undefined;
    if (typeof found === "string") return found;
    if (typeof found === "object" && found !== null && "path" in found) return String(found.path);
    throw new OperationError(this.#resourceError(name));
  }

  goalState(): unknown {
    return lateValue(this.world["goal-state"] ?? {});
  }

  get #app(): string {
    return applicationOf(this.world.unit) ?? "";
  }

  get #isFour(): boolean {
    return this.#version.major >= 4;
  }

  #relation(id: number): WorldRelation {
    const relation = this.world.relations.find((candidate) => candidate.id === id);
    if (relation === undefined) throw new OperationError("relation not found");
    return relation;
  }

  #resourceError(name: string): string {
    const address = this.world["api-addresses"]?.[0] ?? "controller.invalid:17070";
    const unit = `units/${unitTag(this.world.unit)}/resources${name === "" ? "" : `/${encodeURIComponent(name)}`}`;
    const shown = name === "" ? "resources" : name;
    const why = this.#isFour
      ? `getting UUID of resource ${shown} for application ${this.#app}: resource not found`
      : `resource ${quote(shown)} not found`;
    return `HTTP request failed: Get https://${address}/model/${this.world.model.uuid}/${unit}: ${why}`;
  }

  /** With what this unit tracks, and how it calls them, noted down. */
  #allSecrets(): readonly WorldSecret[] {
    if (this.#secrets !== undefined) return this.#secrets;
    this.#secrets = lateValue(this.world.secrets ?? []);
    for (const { id, tracked, "consumer-label": label } of this.#secrets) {
      if (tracked !== undefined) this.#tracked.set(id, tracked);
      if (typeof label === "string") this.#consumerLabels.set(id, label);
    }
    return this.#secrets;
  }

  #findSecret(request: SecretRequest): WorldSecret {
    const secrets = this.#allSecrets();
    const { id, label } = request;
    const found =
      id === undefined
        ? secrets.find((secret) => this.#answersTo(secret, label ?? ""))
        : secrets.find((secret) => secret.id === id);
    if (found !== undefined) return found;
    if (id !== undefined) {
      throw new OperationError(
        this.#isFour ? "getting latest secret revision: secret not found" : `secret ${quote(id)} not found`,
      );
    }
    const shown = quote(label ?? "");
    throw new OperationError(
      this.#isFour ? `secret URI for consumer label ${shown} not found` : `consumer label ${shown} not found`,
    );
  }

  /** By the label its owner gave it, for all units of that application, or by our own label for it. */
  #answersTo(secret: WorldSecret, label: string): boolean {
    if (label === "") return false;
    if (this.#isOurs(secret)) return (this.#ownerLabels.get(secret.id) ?? secret.label) === label;
    return this.#consumerLabels.get(secret.id) === label;
  }

  #isOurs(secret: WorldSecret): boolean {
    return secret.owner === unitTag(this.world.unit) || secret.owner === applicationTag(this.#app);
  }

  #relabel(secret: WorldSecret, request: SecretRequest): void {
    if (request.id === undefined || request.label === undefined || request.label === "") return;
    const labels = this.#isOurs(secret) ? this.#ownerLabels : this.#consumerLabels;
    labels.set(secret.id, request.label);
  }

  /** The first read, even a peek, makes the unit track the latest revision. */
  #track(secret: WorldSecret, request: SecretRequest): number {
    const known = this.#tracked.get(secret.id);
    const tracked = request.refresh || known === undefined ? secret.revision : known;
    this.#tracked.set(secret.id, tracked);
    return tracked;
  }
}
