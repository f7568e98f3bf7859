import { quote } from "./go/text.ts";

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const pattern = new RegExp(
  `^(?:[sS][eE][cC][rR][eE][tT]:)?(?://(${uuid})/|/?(${uuid})/|/)?([0-9a-v]{20})(?:\\?[^#]*)?(?:#.*)?$`,
);

/** A secret's identifier and, if it was named, the model it lives in. */
export interface SecretUri {
  readonly id: string;
  readonly source?: string;
}

/** Reads `secret:ID`, `ID`, `secret://MODEL/ID` or `secret:MODEL/ID`; nothing for any other text. */
export function parseSecretUri(text: string): SecretUri | undefined {
  const match = pattern.exec(text);
  const id = match?.[3];
  if (match === null || id === undefined) return undefined;
  const source = match[1] ?? match[2];
  return source === undefined ? { id } : { id, source };
}

export function formatSecretUri(uri: SecretUri): string {
  return uri.source === undefined ? `secret:${uri.id}` : `secret://${uri.source}/${uri.id}`;
}

/** Juju's words for a text that names no secret. */
export function badSecretUri(text: string): string {
  return `secret URI ${quote(text)} not valid`;
}
