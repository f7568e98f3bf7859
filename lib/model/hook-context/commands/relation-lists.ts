import { type Command, Output } from "../command.ts";
import { boolFlag, UsageError } from "../flags.ts";
import { compareText } from "../go/text.ts";
import { StringList } from "../go/value.ts";
import { RelationOption } from "./relation-option.ts";

export const relationIds: Command = {
  name: "relation-ids",
  args: "[options] [<endpoint>]",
  purpose: "Lists the relations of an endpoint.",
  prepare(call) {
    const output = new Output(call);
    let endpoint = call.state.hookRelation()?.world.endpoint;
    return {
      flags: [output],
      init(args) {
        endpoint = args.next() ?? endpoint;
        if (endpoint === undefined) throw new UsageError("no endpoint name specified");
        args.end();
      },
      run() {
        const ids: string[] = [];
        for (const relation of call.state.relations.values())
          if (relation.world.endpoint === endpoint && !relation.broken) ids.push(relation.fakeId);
        output.write(new StringList(ids.sort(compareText)));
      },
    };
  },
};

export const relationList: Command = {
  name: "relation-list",
  args: "[options]",
  purpose: "Lists the remote units of a relation, or names its remote application.",
  prepare(call) {
    const output = new Output(call);
    const relation = new RelationOption(call);
    let app = false;
    const appFlag = boolFlag((value) => {
      app = value;
    });
    return {
      flags: [output, relation, ["app", appFlag]],
      init(args) {
        relation.get();
        args.end();
      },
      run() {
        const { world, members } = relation.get();
        output.write(app ? world["remote-app"] : new StringList(members));
      },
    };
  },
};

export const relationModelGet: Command = {
  name: "relation-model-get",
  args: "[options]",
  purpose: "Prints the model that the remote application of a relation lives in.",
  prepare(call) {
    const output = new Output(call);
    const relation = new RelationOption(call);
    return {
      flags: [output, relation],
      init(args) {
        relation.get();
        args.end();
      },
      run() {
        const uuid = relation.get().world["remote-model-uuid"] ?? call.state.world.model.uuid;
        output.write(new Map([["uuid", uuid]]));
      },
    };
  },
};
