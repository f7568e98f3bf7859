/** Watches the hooks of a model and says when one comes that Juju would never send. */

import type { HookRun } from "../run.ts";
import type { ModelState } from "../state.ts";

interface Seen {
  created: boolean;
  broken: boolean;
  members: Set<string>;
  awaiting?: string | undefined;
}

/** One unit's life as its charm sees it. */
class Life {
  readonly relations = new Map<string, Seen>();
  installed = false;
  configured = false;
  removed = false;
}

/** Checks hooks in the order they end well; failed ones come again. */
export class Watch {
  readonly faults: string[] = [];
  readonly #lives = new Map<string, Life>();

  /** A hook is about to run: what must hold before it. */
  before(run: HookRun, state: Readonly<ModelState>): void {
    if (run.isAction) return;
    const life = this.#life(run.unit);
    const fault = (text: string) => this.faults.push(`${run.unit} ${run.name}: ${text}`);
    if (life.removed) fault("after remove");
    const early = run.kind === "install" || run.kind === "storage-attached";
    if (!life.installed && !early) fault("before install");
    if (run.name === "install" && life.installed) fault("twice");
    if (run.name === "start" && !life.configured) fault("before config-changed");
    const app = run.unit.slice(0, run.unit.lastIndexOf("/"));
    if (run.name === "leader-elected" && state.applications[app]?.leader !== run.unit) fault("not the leader");
    if (run.kind.startsWith("relation-")) this.#relation(run, life, state, fault);
  }

  #relation(run: HookRun, life: Life, state: Readonly<ModelState>, fault: (text: string) => void): void {
    const id = run.environment["JUJU_RELATION_ID"]!;
    const remote = run.environment["JUJU_REMOTE_UNIT"]!;
    const seen = this.#seen(life, id);
    if (!state.relations[id.split(":")[1]!]) fault(`relation ${id} is gone`);
    if (seen.broken) fault("after broken");
    if (run.kind === "relation-created") {
      if (seen.created) fault("twice");
      return;
    }
    if (!seen.created) fault("before created");
    if (run.kind === "relation-joined" && seen.members.has(remote)) fault(`${remote} is there already`);
    if (run.kind === "relation-joined" && seen.awaiting) fault(`changed of ${seen.awaiting} is due`);
    if (run.kind === "relation-departed" && !seen.members.has(remote)) fault(`${remote} never joined`);
    if (run.kind === "relation-departed" && !run.environment["JUJU_DEPARTING_UNIT"]) fault("nobody departs");
    if (run.kind === "relation-changed" && remote && !seen.members.has(remote)) fault(`${remote} never joined`);
    if (run.kind === "relation-changed" && seen.awaiting && remote !== seen.awaiting) fault("another unit's changed is due");
    if (run.kind === "relation-broken" && seen.members.size > 0) fault("members are left");
  }

  /** The hook ended well. */
  after(run: HookRun): void {
    if (run.isAction) return;
    const life = this.#life(run.unit);
    if (run.name === "install") life.installed = true;
    if (run.name === "config-changed") life.configured = true;
    if (run.name === "remove") this.#lives.delete(run.unit);
    const id = run.environment["JUJU_RELATION_ID"];
    if (id === undefined) return;
    const seen = this.#seen(life, id);
    const remote = run.environment["JUJU_REMOTE_UNIT"]!;
    if (run.kind === "relation-created") seen.created = true;
    if (run.kind === "relation-broken") seen.broken = true;
    if (run.kind === "relation-joined") {
      seen.members.add(remote);
      seen.awaiting = remote;
    }
    if (run.kind === "relation-departed") seen.members.delete(remote);
    if (remote === seen.awaiting && run.kind !== "relation-joined") seen.awaiting = undefined;
  }

  /** The unit is gone without `remove`. */
  forget(unit: string): void {
    this.#lives.delete(unit);
  }

  #life(unit: string): Life {
    const life = this.#lives.get(unit) ?? new Life();
    this.#lives.set(unit, life);
    return life;
  }

  #seen(life: Life, id: string): Seen {
    const seen = life.relations.get(id) ?? { created: false, broken: false, members: new Set<string>() };
    life.relations.set(id, seen);
    return seen;
  }
}

/** Faults of a state: things that point at nothing. */
export function inconsistencies(state: Readonly<ModelState>): string[] {
  const faults: string[] = [];
  const { units, applications, relations, secrets, tasks } = state;
  for (const [id, relation] of Object.entries(relations)) {
    for (const member of relation.members) {
      if (!units[member]) faults.push(`relation ${id}: member ${member} is gone`);
      else if (!units[member].relations[id]?.inScope) faults.push(`relation ${id}: ${member} does not know it is in`);
    }
    if (new Set(relation.members).size !== relation.members.length) faults.push(`relation ${id}: a member twice`);
    if (relation.life !== "alive" && relation.members.length === 0) faults.push(`relation ${id}: dying and empty`);
    if (!relation.endpoints.some((end) => applications[end.app])) faults.push(`relation ${id}: both sides are gone`);
  }
  for (const u of Object.values(units)) {
    if (!applications[u.app]) faults.push(`${u.name}: application is gone`);
    if (u.principal !== undefined && !units[u.principal]) faults.push(`${u.name}: principal is gone`);
    for (const id of Object.keys(u.relations)) if (!relations[id]) faults.push(`${u.name}: relation ${id} is gone`);
    for (const id of u.queue) if (!tasks[id]) faults.push(`${u.name}: task ${id} is gone`);
  }
  for (const app of Object.values(applications)) {
    if (app.leader !== null && !units[app.leader]) faults.push(`${app.name}: leader ${app.leader} is gone`);
  }
  for (const secret of Object.values(secrets)) {
    if (!units[secret.owner] && !applications[secret.owner]) faults.push(`secret ${secret.id}: owner is gone`);
    for (const grant of secret.grants) {
      if (grant.relation !== undefined && !relations[grant.relation]) faults.push(`secret ${secret.id}: stale grant`);
    }
  }
  return faults;
}
