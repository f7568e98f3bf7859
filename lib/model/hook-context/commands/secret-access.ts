import type { Command } from "../command.ts";
import { textFlag, UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import { applicationOf, applicationTag, isApplication, relationTag, unitTag } from "../names.ts";
import type { ContextRelation } from "../relations.ts";
import type { SecretUri } from "../secret-uri.ts";
import { RelationOption } from "./relation-option.ts";
import { takeSecretUri } from "./secret-owner.ts";

export const secretGrant: Command = {
  name: "secret-grant",
  args: "[options] <ID>",
  purpose: "Lets the remote application of a relation, or one unit of it, read a secret.",
  prepare(call) {
    const relation = new RelationOption(call);
    let unit = "";
    let uri: SecretUri | undefined;
    const unitFlag = textFlag((text) => {
      unit = text;
    });
    return {
      flags: [relation, ["unit", unitFlag]],
      init(args) {
        uri = takeSecretUri(args);
        const app = relation.get().world["remote-app"];
        if (unit !== "") checkUnit(unit, app);
        args.end();
      },
      run() {
        if (uri === undefined) return;
        const { world } = relation.get();
        const subjectTag = unit === "" ? applicationTag(world["remote-app"]) : unitTag(unit);
        call.state.secrets.grant({ uri, relationKey: world.key, scopeTag: relationTag(world), subjectTag });
      },
    };
  },
};

function checkUnit(unit: string, app: string): void {
  const unitApp = applicationOf(unit);
  if (unitApp === undefined) throw new UsageError(`unit ${quote(unit)} not valid`);
  if (unitApp !== app) {
    throw new UsageError(`cannot specify unit ${quote(unit)} in relation to application ${quote(app)}`);
  }
}

export const secretRevoke: Command = {
  name: "secret-revoke",
  args: "[options] <ID>",
  purpose: "Takes back the right to read a secret.",
  prepare(call) {
    const relation = new RelationOption(call);
    let app = "";
    let unit = "";
    let subjectTag = "";
    let uri: SecretUri | undefined;
    const appFlag = textFlag((text) => {
      app = text;
    });
    const unitFlag = textFlag((text) => {
      unit = text;
    });
    return {
      flags: [relation, ["app", appFlag], ["application", appFlag], ["unit", unitFlag]],
      init(args) {
        uri = takeSecretUri(args);
        subjectTag = revokedTag({ app, unit, relation: relation.optional });
        args.end();
      },
      run() {
        if (uri !== undefined) call.state.secrets.revoke({ uri, subjectTag });
      },
    };
  },
};

function revokedTag(asked: { app: string; unit: string; relation: ContextRelation | undefined }): string {
  const { app, unit, relation } = asked;
  if (app !== "" && !isApplication(app)) throw new UsageError(`application ${quote(app)} not valid`);
  if (unit !== "" && applicationOf(unit) === undefined) throw new UsageError(`unit ${quote(unit)} not valid`);
  if (app === "" && unit === "" && relation === undefined) {
    throw new UsageError("missing relation or application or unit");
  }
  if (app !== "" && unit !== "") throw new UsageError("specify only one of application or unit");
  if (app !== "" && relation !== undefined) throw new UsageError("do not specify both relation and app");
  if (unit !== "") {
    if (relation !== undefined) checkUnit(unit, relation.world["remote-app"]);
    return unitTag(unit);
  }
  return applicationTag(app === "" ? (relation?.world["remote-app"] ?? "") : app);
}
