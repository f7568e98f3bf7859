import { perObject } from "../../per-object.ts";
import { type Call, type Command, Output } from "../command.ts";
import { OperationError } from "../errors.ts";
import { boolFlag, UsageError } from "../flags.ts";
import { decodeBase64 } from "../go/base64.ts";
import { quote } from "../go/text.ts";
import { type Field, FixedTexts, GoTime, type GoValue, Struct, textOrBytes } from "../go/value.ts";
import type { SecretAccess, SecretMetadata } from "../secret-types.ts";
import type { SecretUri } from "../secret-uri.ts";
import { labelFlag, readSecretUri } from "./secret-owner.ts";

export const secretGet: Command = {
  name: "secret-get",
  args: "[options] [<ID>] [<key>[#base64]]",
  purpose: "Prints the content of a secret, or one value of it.",
  prepare(call) {
    const output = new Output(call, ["yaml", "json"]);
    const asked = { label: "", peek: false, refresh: false, key: "" };
    let uri: SecretUri | undefined;
    return {
      flags: [
        output,
        labelFlag((label) => {
          asked.label = label;
        }),
        [
          "peek",
          boolFlag((value) => {
            asked.peek = value;
          }),
        ],
        [
          "refresh",
          boolFlag((value) => {
            asked.refresh = value;
          }),
        ],
      ],
      init(args) {
        const text = args.next();
        if (text === undefined && asked.label === "") {
          throw new UsageError("require either a secret URI or label");
        }
        if (asked.peek && asked.refresh) {
          throw new UsageError("specify one of --peek or --refresh but not both");
        }
        if (text !== undefined) uri = readSecretUri(text);
        asked.key = args.next() ?? "";
        args.end();
      },
      run() {
        const { key, ...request } = asked;
        const content = call.state.secrets.read(uri === undefined ? request : { uri, ...request });
        output.write(key === "" ? decodeAll(content) : fieldOf(content, key));
      },
    };
  },
};

function decodeAll(content: ReadonlyMap<string, string>): GoValue {
  return content instanceof FixedTexts ? decodeFixed(content) : decodeEach(content);
}

const decodeFixed = perObject((content: FixedTexts) => decodeEach(content));

function decodeEach(content: ReadonlyMap<string, string>): ReadonlyMap<string, GoValue> {
  const decoded = Array.from(content, ([key, value]) => [key, decode(value)] as const);
  const areTexts = decoded.every((entry): entry is [string, string] => typeof entry[1] === "string");
  return areTexts ? new FixedTexts(decoded) : new Map(decoded);
}

function fieldOf(content: ReadonlyMap<string, string>, spec: string): GoValue {
  const key = spec.replace(/#base64$/, "");
  const value = content.get(key);
  if (value === undefined) throw new OperationError(`secret key value ${quote(key)} not found`);
  const decoded = decode(value);
  return key === spec ? decoded : value;
}

function decode(value: string): string | Uint8Array {
  const decoded = decodeBase64(value);
  if ("corrupt" in decoded) {
    throw new OperationError(`illegal base64 data at input byte ${decoded.corrupt}`);
  }
  return textOrBytes(decoded.bytes);
}

export const secretInfoGet: Command = {
  name: "secret-info-get",
  args: "[options] [<ID>]",
  purpose: "Prints what is known about a secret we own.",
  prepare(call) {
    const output = new Output(call, ["yaml", "json"]);
    let label = "";
    let uri: SecretUri | undefined;
    return {
      flags: [
        output,
        labelFlag((text) => {
          label = text;
        }),
      ],
      init(args) {
        const text = args.next();
        if (text === undefined && label === "") throw new UsageError("require either a secret URI or label");
        if (text !== undefined && label !== "") {
          throw new UsageError("specify either a secret URI or label but not both");
        }
        if (text !== undefined) uri = readSecretUri(text);
        args.end();
      },
      run() {
        const [id, secret] = findOwned(call, uri?.id, label);
        output.write(new Map([[id, infoFields(secret)]]));
      },
    };
  },
};

function findOwned(call: Call, id: string | undefined, label: string): readonly [string, SecretMetadata] {
  for (const owned of call.state.secrets.list()) {
    if (id === undefined ? owned[1].label === label : owned[0] === id) return owned;
  }
  throw new OperationError(`secret ${quote(id ?? label)} not found`);
}

function infoFields(secret: SecretMetadata): Struct {
  const optional: readonly (readonly [string, string, GoValue])[] = [
    ["description", secret.description, secret.description],
    ["rotation", secret.rotate, secret.rotate],
    ["expiry", secret.expires, new GoTime(secret.expires)],
    ["rotates", secret.nextRotate, new GoTime(secret.nextRotate)],
  ];
  const fields: Field[] = [
    ["revision", BigInt(secret.revision)],
    ["label", secret.label],
    ["owner", secret.owner],
    ...optional.filter(([, text]) => text !== "").map(([name, , value]): Field => [name, value]),
  ];
  if (secret.access.length > 0) fields.push(["access", secret.access.map(accessFields)]);
  return new Struct(fields);
}

function accessFields(access: SecretAccess): Struct {
  return new Struct([
    ["target", access["target-tag"]],
    ["scope", access["scope-tag"]],
    ["role", access.role],
  ]);
}
