import { parseAllDocuments } from "yaml";
import type { Container } from "./container.ts";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly env: readonly Variable[];
        }[];
      };
    };
  };
}

/** The container of a Deployment, with the Secrets of the same file in its variables. */
export function deploymentContainer(text: string): Container {
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Document);
  const secret = ({ name, key }: { readonly name: string; readonly key: string }) =>
    documents.find(({ kind, metadata }) => kind === "Secret" && metadata.name === name)?.stringData?.[key];
  const [container] =
    documents.find(({ kind }) => kind === "Deployment")?.spec?.template.spec.containers ?? [];
  if (container === undefined) throw new TypeError("no Deployment");
  const environment = container.env.map(({ name, value, valueFrom }) => [
    name,
    valueFrom === undefined ? (value ?? "") : (secret(valueFrom.secretKeyRef) ?? ""),
  ]);
  return { args: container.args, environment: Object.fromEntries(environment), files: {} };
}
