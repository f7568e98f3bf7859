import type { SecretState } from "../../../model/index.ts";
import type { SecretMethods, SecretReport } from "../../api-secrets.ts";
import { LocalError } from "../../errors.ts";
import type { ModelHost } from "../model-host.ts";
import { type MethodTable, nothing } from "./method.ts";

type Texts = Readonly<Record<string, string>>;

function plainContent(content: Texts): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => {
      const bytes = Buffer.from(value, "base64");
      if (bytes.toString("base64") !== value.replaceAll("\n", "")) {
        throw new LocalError("ERR_CONFIG", `secret base64 value "${key}" not valid`);
      }
      return [key, bytes];
    }),
  );
}

const isNamed = (secret: SecretState, ref: string): boolean =>
  secret.id === ref.slice(Math.max(ref.lastIndexOf("/"), ref.lastIndexOf(":")) + 1) ||
  (secret.ownerKind === "model" && secret.label === ref);

const ownerOf = ({ ownerKind, owner }: SecretState): string => (ownerKind === "model" ? "<model>" : owner);

/** `application-web`, `unit-web-0`. */
function tagOf(subject: string): string {
  return subject.includes("/") ? `unit-${subject.replace("/", "-")}` : `application-${subject}`;
}

interface Wanted {
  readonly reveal?: boolean;
  readonly revision?: number;
}

function report(secret: SecretState, { reveal, revision = secret.latest }: Wanted): SecretReport {
  const { id, latest, description, label, rotate, created, updated, rotateAt, expireAt } = secret;
  return {
    id,
    revision: latest,
    checksum: secret.checksums[latest] ?? "",
    owner: ownerOf(secret),
    description,
    ...(label === "" ? {} : { [secret.ownerKind === "model" ? "name" : "label"]: label }),
    rotation: rotate,
    ...(rotateAt === undefined ? {} : { rotates: rotateAt }),
    ...(expireAt === undefined ? {} : { expires: expireAt }),
    created,
    updated,
    revisions: Object.keys(secret.content).map((number) => {
      const content = reveal && Number(number) === revision ? secret.content[number] : undefined;
      return { revision: Number(number), ...(content ? { content } : {}) };
    }),
    access: secret.grants.map(({ subject, scope, role }) => ({ target: tagOf(subject), scope, role })),
  };
}

function listed({ model }: ModelHost, ref: string | undefined, owner: string | undefined): SecretState[] {
  // Those of other models are shown where they are.
  const own = Object.values(model.state.secrets).filter(({ source }) => source === undefined);
  const found = own.filter((secret) => ref === undefined || isNamed(secret, ref));
  if (ref !== undefined && found.length === 0) {
    throw new LocalError("ERR_NOT_FOUND", `secret ${JSON.stringify(ref)} not found`);
  }
  return found
    .filter((secret) => owner === undefined || ownerOf(secret) === owner || secret.owner === owner)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export const secrets: MethodTable<keyof SecretMethods> = {
  addSecret: ({ controller, params: { model, name, content = {}, description = "" } }) => {
    const plain = plainContent(content);
    return { uri: controller.model(model).change((to) => to.addSecret(name, plain, { description })) };
  },

  updateSecret: ({ controller, params: { model, secret, content, ...change } }) => {
    const plain = content === undefined ? {} : { content: plainContent(content) };
    controller.model(model).change((to) => to.updateSecret(secret, { ...change, ...plain }));
    return nothing;
  },

  removeSecret: ({ controller, params: { model, secret, revision } }) => {
    const which = revision === undefined ? {} : { revision };
    controller.model(model).change((to) => to.removeSecret(secret, which));
    return nothing;
  },

  grantSecret: ({ controller, params: { model, secret, applications, revoke } }) => {
    controller.model(model).change((to) => {
      for (const application of applications) {
        if (revoke) to.revokeSecret(secret, application);
        else to.grantSecret(secret, application);
      }
    });
    return nothing;
  },

  secrets: ({ controller, params }) => {
    const found = listed(controller.model(params.model), params.secret, params.owner);
    const [first] = found;
    if (params.revision !== undefined && first && !(params.revision in first.content)) {
      const text = `secret revision ${first.id}/${params.revision} not found`;
      throw new LocalError("ERR_NOT_FOUND", text);
    }
    return found.map((secret) => report(secret, params));
  },
};
