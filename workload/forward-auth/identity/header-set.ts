/** Configured headers, compiled once into a builder that turns a session into names and values. */
import type { HeaderSettings, HeaderValueSettings } from "../options/structure.ts";
import { claimReader, type Identified } from "./claims.ts";
import type { Secrets } from "./secrets.ts";
import { canonicalName, foldedName, headerText } from "./text.ts";

/** Adds the texts of one configured value. */
type Append = (session: Identified | undefined, texts: string[]) => void;

/** One header that we own. */
export interface OwnedHeader {
  /** As it is written. */
  readonly name: string;
  /** See {@link foldedName}. */
  readonly folded: string;
  /** The client's own value stays, in front of ours. */
  readonly preserve: boolean;
  /** Only the exact name is ours, whatever the case; other spellings pass. */
  readonly exact: boolean;
  readonly values: readonly Append[];
}

/** Text of a session as latin1 bytes, so that it joins with secrets, which are bytes. */
const bytes = (text: string): string =>
  /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");

function compileValue(value: HeaderValueSettings, secrets: Secrets): Append {
  if ("secretSource" in value) {
    const read = secrets.reader(value.secretSource);
    return (_, texts) => void texts.push(read());
  }
  const { claim, prefix, basicAuthPassword } = value.claimSource;
  const read = claimReader(claim);
  const password = basicAuthPassword === undefined ? undefined : secrets.reader(basicAuthPassword);
  return (session, texts) => {
    if (session === undefined) return;
    for (const text of read(session)) {
      if (text === "") continue;
      if (password === undefined) texts.push(prefix === "" ? bytes(text) : bytes(prefix + text));
      else texts.push(`Basic ${Buffer.from(`${bytes(text)}:${password()}`, "latin1").toString("base64")}`);
    }
  };
}

/** Joined as oauth2-proxy does; already bytes, so only controls and outer blanks are left to remove. */
function joined(texts: readonly string[]): string {
  const only = texts.length === 1 ? (texts[0] as string) : texts.join(",");
  return /[^\x21-\x7e\x80-\xff]/.test(only) ? cleanBytes(only) : only;
}

const cleanBytes = (text: string): string =>
  text.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, " ").replace(/^[ \t]+|[ \t]+$/g, "");

/** The headers of requests for upstreams, or of answers. */
export class HeaderSet {
  readonly headers: readonly OwnedHeader[];

  /** @throws {RangeError} When a secret cannot be read. */
  constructor(settings: readonly HeaderSettings[], secrets: Secrets) {
    this.headers = settings.map((header) => ({
      name: header.insecureSkipHeaderNormalization ? header.name : canonicalName(header.name),
      folded: foldedName(header.name),
      preserve: header.preserveRequestValue,
      exact: header.insecureSkipHeaderNormalization,
      values: header.values.map((value) => compileValue(value, secrets)),
    }));
  }

  /**
   * Adds name, value, name, value for every header, in configured order.
   *
   * @param session Undefined for a request that is allowed without login.
   * @param flat Where to add.
   * @param empty True: a header without a value is added with an empty one; false: it is left out.
   */
  build(session: Identified | undefined, flat: string[], empty: boolean): void {
    for (const { name, values } of this.headers) {
      const texts: string[] = [];
      for (const append of values) append(session, texts);
      if (texts.length > 0) flat.push(name, joined(texts));
      else if (empty) flat.push(name, "");
    }
  }
}

/** The text of `Gap-Auth`: who it is. */
export function gapAuth(session: Identified | undefined): string {
  return headerText(session?.email || session?.subject || "");
}
