/** A type as the sender of gob describes it: fields are matched by name, numbers are the sender's choice. */
export type GobType =
  | { readonly kind: "bool" | "int" | "uint" | "bytes" | "string" }
  | { readonly kind: "slice"; readonly name: string; readonly element: GobType }
  | { readonly kind: "struct"; readonly name: string; readonly fields: readonly GobField[] };

export interface GobField {
  readonly name: string;
  readonly type: GobType;
}

/** Type numbers that every gob stream knows without a definition. Go: encoding/gob, type.go. */
export const BUILT_IN_IDS = {
  bool: 1,
  int: 2,
  uint: 3,
  float: 4,
  bytes: 5,
  string: 6,
  complex: 7,
  interface: 8,
} as const;

/** First number of a type that is not built in. */
export const FIRST_TYPE_ID = 64;

/** Something that is not gob, or not what was expected; its text is Go's, since a server sends it on. */
export class GobFault extends Error {
  constructor(detail: string, options?: ErrorOptions) {
    super(`gob: ${detail}`, options);
    this.name = "GobFault";
  }
}

/**
 * Numbers types in the order of first use, as a Go process does: one numbering for all connections, so a
 * reply type that was first used on another connection keeps its number here.
 */
export class TypeNumbering {
  readonly #ids = new Map<GobType, number>();

  idOf(type: GobType): number {
    if (type.kind !== "struct" && type.kind !== "slice") return BUILT_IN_IDS[type.kind];
    const known = this.#ids.get(type);
    if (known !== undefined) return known;
    const id = FIRST_TYPE_ID + this.#ids.size;
    this.#ids.set(type, id);
    for (const inner of innerTypes(type)) this.idOf(inner);
    return id;
  }
}

/** The types a definition refers to. */
export function innerTypes(type: GobType): readonly GobType[] {
  if (type.kind === "slice") return [type.element];
  return type.kind === "struct" ? type.fields.map((field) => field.type) : [];
}
