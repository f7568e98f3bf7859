/**
 * Offers of a model and what it consumes of others. What travels between two models is in `cross-model.ts`.
 *
 * Source: Juju: cross-model relations, `juju offer`, `juju consume`.
 *
 * @module
 */

import type { Endpoint } from "./charm-metadata.ts";
import { application, type Engine, relationsOf } from "./engine.ts";
import { ModelError } from "./errors.ts";
import { isApplicationName } from "./names.ts";
import { destroyRelation } from "./relations.ts";
import type { OfferState, RemoteApplicationState } from "./state.ts";

/** `admin/iam.hydra`. */
export function offerUrl(e: Engine, offer: string): string {
  return `admin/${e.state.name}.${offer}`;
}

/**
 * Offers endpoints of an application to other models.
 *
 * @param text `hydra:oauth` or `hydra:oauth,info`.
 * @returns The offer's URL. @throws {ModelError} `ERR_NOT_VALID`, `ERR_NOT_FOUND`, `ERR_ALREADY_EXISTS`.
 */
export function offer(e: Engine, text: string, name: string | undefined): string {
  const [appName = "", list = ""] = text.split(":");
  const endpoints = list.split(",").filter((endpoint) => endpoint !== "");
  if (endpoints.length === 0) {
    throw new ModelError("ERR_NOT_VALID", "an offer must at least specify application endpoint");
  }
  const offerName = name ?? appName;
  if (!e.state.applications[appName]) {
    const why = `application "${appName}" not found`;
    throw new ModelError("ERR_NOT_FOUND", `cannot add application offer "${offerName}": ${why}`);
  }
  const { charm } = application(e, appName);
  for (const endpoint of endpoints) checkOffered(appName, endpoint, charm.endpoints);
  const offers = e.state.offers ?? {};
  if (offers[offerName] && e.major === 4) {
    throw new ModelError("ERR_ALREADY_EXISTS", `offer "${offerName}" already exists`);
  }
  e.state.offers = { ...offers, [offerName]: { name: offerName, app: appName, endpoints } };
  return offerUrl(e, offerName);
}

function checkOffered(app: string, name: string, endpoints: Readonly<Record<string, Endpoint>>): void {
  const end = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
  if (!end || end.role === "peer") {
    const text = `getting relation endpoint for relation "${name}" and application "${app}"`;
    throw new ModelError("ERR_NOT_FOUND", `${text}: application "${app}" has no "${name}" relation`);
  }
  if (end.scope === "container") {
    throw new ModelError("ERR_NOT_VALID", `endpoint "${name}" has container scope, and cannot be offered`);
  }
}

/** @throws {ModelError} `ERR_STATE` while others use it. */
export function removeOffer(e: Engine, name: string, force: boolean): void {
  const found = findOffer(e, name);
  const users = connections(e, found);
  if (users.length > 0 && !force) {
    const count = `${users.length} relation${users.length === 1 ? "" : "s"}`;
    throw new ModelError("ERR_STATE", `cannot delete application offer "${name}": offer has ${count}`);
  }
  delete e.state.offers?.[name];
  for (const relation of users) destroyRelation(e, relation);
}

function connections(e: Engine, { app, name }: OfferState) {
  const remotes = e.state.remotes ?? {};
  return relationsOf(e, app).filter((relation) =>
    relation.endpoints.some((end) => remotes[end.app]?.side === "offers" && remotes[end.app]?.offer === name),
  );
}

export function findOffer(e: Engine, name: string): OfferState {
  const found = e.state.offers?.[name];
  if (found) return found;
  throw new ModelError("ERR_NOT_FOUND", `application offer "${offerUrl(e, name)}" not found`);
}

/** How another model sees what is offered. */
export interface Offered {
  readonly model: string;
  readonly modelUuid: string;
  readonly offer: string;
  readonly url: string;
  readonly endpoints: readonly Endpoint[];
}

export function offered(e: Engine, name: string): Offered {
  const { app, endpoints } = findOffer(e, name);
  const declared = application(e, app).charm.endpoints;
  const { uuid, name: model } = e.state;
  return {
    model,
    modelUuid: uuid,
    offer: name,
    url: offerUrl(e, name),
    endpoints: endpoints.flatMap((end) => declared[end] ?? []),
  };
}

/**
 * Makes another model's offer an application of this one, as far as relations go.
 *
 * @returns Its name here. @throws {ModelError} `ERR_ALREADY_EXISTS`, `ERR_NOT_VALID`.
 */
export function consume(e: Engine, o: Offered, alias: string | undefined): string {
  const name = alias ?? o.offer;
  const fail = (code: "ERR_ALREADY_EXISTS" | "ERR_NOT_VALID", why: string) =>
    new ModelError(code, `could not consume ${o.url}: cannot add saas application "${name}": ${why}`);
  if (!isApplicationName(name) || name in Object.prototype) throw fail("ERR_NOT_VALID", "name not valid");
  if (e.state.applications[name]) throw fail("ERR_ALREADY_EXISTS", "application already exists");
  const known = e.state.remotes?.[name];
  if (known && (known.modelUuid !== o.modelUuid || known.offer !== o.offer)) {
    throw fail("ERR_ALREADY_EXISTS", "saas application already exists");
  }
  remember(e, { name, side: "consumes", life: "alive", ...o, endpoints: [...o.endpoints] });
  return name;
}

/** Keeps a remote application. */
export function remember(e: Engine, remote: RemoteApplicationState): void {
  e.state.remotes = { ...e.state.remotes, [remote.name]: remote };
}

/** Ends the relations with a consumed offer; it goes with the last one. */
export function removeSaas(e: Engine, name: string): void {
  const remote = e.state.remotes?.[name];
  if (remote?.side !== "consumes") {
    throw new ModelError(
      "ERR_NOT_FOUND",
      `removing SAAS application ${name} failed: saas application "${name}" not found`,
    );
  }
  remote.life = "dying";
  for (const relation of [...relationsOf(e, name)]) destroyRelation(e, relation);
  sweepRemotes(e);
}

/** Removes remote applications that are over: those that were removed, and consumers without relations. */
export function sweepRemotes(e: Engine): void {
  for (const remote of Object.values(e.state.remotes ?? {})) {
    const over = remote.side === "offers" || remote.life !== "alive";
    if (over && relationsOf(e, remote.name).length === 0) delete e.state.remotes?.[remote.name];
  }
}
