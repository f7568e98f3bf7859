/**
 * Cookies as text: the request's header, `Set-Cookie`, and values that are longer than one cookie can be, which go into
 * `<name>_0`, `<name>_1`, … as oauth2-proxy names them.
 */

/** Most characters of one `Set-Cookie`, as in oauth2-proxy. */
const MOST = 4000;

/** Most parts of one value. */
export const MOST_PARTS = 12;

/** Most cookies of one name that are tried. */
const MOST_CANDIDATES = 5;

/** The attributes of the cookies we set. */
export interface CookieAttributes {
  readonly path: string;
  /** Empty: the host alone. */
  readonly domain: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** `lax`, `strict`, `none` or empty. */
  readonly sameSite: string;
}

const SAME_SITE: ReadonlyMap<string, string> = new Map([
  ["lax", "Lax"],
  ["strict", "Strict"],
  ["none", "None"],
]);

/**
 * The text of `Set-Cookie`.
 *
 * @param maxAge Seconds; undefined: until the browser ends.
 */
export function setCookie(
  name: string,
  value: string,
  attributes: CookieAttributes,
  maxAge?: number,
): string {
  const { path, domain, httpOnly, secure } = attributes;
  const bare = domain.startsWith(".") ? domain.slice(1) : domain;
  const sameSite = SAME_SITE.get(attributes.sameSite);
  let text = `${name}=${value}; Path=${path}`;
  if (bare !== "") text += `; Domain=${bare}`;
  if (maxAge !== undefined) text += `; Max-Age=${maxAge}`;
  if (httpOnly) text += "; HttpOnly";
  if (secure) text += "; Secure";
  return sameSite === undefined ? text : `${text}; SameSite=${sameSite}`;
}

/** Every cookie of a request whose name begins with `prefix`, in order; blanks and double quotes around values are dropped. */
export function cookiesWith(
  header: string,
  prefix: string,
): readonly (readonly [name: string, value: string])[] {
  const found: [string, string][] = [];
  let at = 0;
  while (at < header.length) {
    const stop = header.indexOf(";", at);
    const end = stop === -1 ? header.length : stop;
    while (at < end && header.charCodeAt(at) <= 32) at++;
    if (header.startsWith(prefix, at)) {
      const equals = header.indexOf("=", at);
      if (equals !== -1 && equals < end)
        found.push([header.slice(at, equals), unquoted(header.slice(equals + 1, end).trim())]);
    }
    at = end + 1;
  }
  return found;
}

const unquoted = (value: string): string => (/^"[^"]*"$/.test(value) ? value.slice(1, -1) : value);

/**
 * The values that a name may have in a request: whole cookies first, then parts put together. When several cookies have one
 * name, as a neighbour on the same site can bring about, each is tried, and the parts that came in the same place.
 */
export function candidates(header: string, name: string): readonly string[] {
  const found = cookiesWith(header, name);
  if (found.length === 0) return [];
  const whole: string[] = [];
  let parts: Map<string, string[]> | undefined;
  for (const [key, value] of found) {
    if (key === name) {
      if (whole.length < MOST_CANDIDATES) whole.push(value);
    } else if (key.charCodeAt(name.length) === UNDERSCORE) {
      parts ??= new Map();
      const same = parts.get(key);
      if (same !== undefined) same.push(value);
      else if (parts.size < 64) parts.set(key, [value]);
    }
  }
  const first = parts?.get(`${name}_0`);
  for (
    let turn = 0;
    parts !== undefined && first !== undefined && turn < Math.min(first.length, MOST_CANDIDATES);
    turn++
  ) {
    const joined = join(parts, name, turn);
    if (joined !== undefined) whole.push(joined);
  }
  return whole;
}

const UNDERSCORE = 95;

/**
 * Parts of a value, from `_0` to the first gap. A value of ours begins with their number, and one of oauth2-proxy's ends
 * with its signature, so parts left from a longer value do no harm. One part alone is no value.
 */
function join(parts: ReadonlyMap<string, readonly string[]>, name: string, turn: number): string | undefined {
  let value = "";
  let wanted = 0;
  for (let index = 0; index < MOST_PARTS; index++) {
    const same = parts.get(`${name}_${index}`);
    if (same === undefined) return undefined;
    const part = same[turn] ?? same.at(-1) ?? "";
    if (index === 0) wanted = Number(/^(\d{1,2})\./.exec(part)?.[1] ?? 0);
    value += part;
    if (wanted > 0 && index + 1 === wanted)
      return index > 0 ? value.slice(value.indexOf(".") + 1) : undefined;
    if (wanted === 0 && index > 0 && SIGNED.test(value.slice(-MOST_BEHIND_PAYLOAD))) return value;
  }
  return undefined;
}

/** The end of a signed value: time and signature. */
const SIGNED = /\|[+-]?\d{1,20}\|[\w-]{43}=$/;
const MOST_BEHIND_PAYLOAD = 70;

/** A value cut so that each `Set-Cookie` stays short enough. Undefined: too long for that. */
function split(
  name: string,
  value: string,
  attributes: CookieAttributes,
  maxAge?: number,
): Map<string, string> | undefined {
  const around = setCookie(name, "", attributes, maxAge).length;
  if (around + value.length <= MOST) return new Map([[name, value]]);
  const room = (index: number) => MOST - around - `_${index}`.length;
  // A signed value tells its own end; others begin with the number of parts, which is then at most two digits.
  const signed = value.includes("|");
  let rest = signed ? value : `00.${value}`;
  const parts: string[] = [];
  for (; rest !== ""; rest = rest.slice(parts.at(-1)?.length)) parts.push(rest.slice(0, room(parts.length)));
  if (parts.length > MOST_PARTS) return undefined;
  if (!signed) parts[0] = `${String(parts.length).padStart(2, "0")}${parts[0]?.slice(2)}`;
  return new Map(parts.map((part, index) => [`${name}_${index}`, part]));
}

/** True for the names that hold a value of `name`: itself and its parts. */
function holds(key: string, name: string): boolean {
  return key === name || (key.startsWith(`${name}_`) && /^\d{1,3}$/.test(key.slice(name.length + 1)));
}

/**
 * The `Set-Cookie` texts that store a value, and end what an earlier, longer or shorter value left in the browser.
 *
 * @param header The request's cookies.
 * @throws {RangeError} When the value does not fit into {@link MOST_PARTS} cookies.
 */
export function store(
  header: string,
  name: string,
  value: string,
  attributes: CookieAttributes,
  maxAge?: number,
): string[] {
  const parts = split(name, value, attributes, maxAge);
  if (parts === undefined)
    throw new RangeError(`Cannot store cookie "${name}": ${value.length} characters are too many`);
  const stale = remove(header, name, attributes, new Set(parts.keys()));
  return [...Array.from(parts, ([key, text]) => setCookie(key, text, attributes, maxAge)), ...stale];
}

/** The `Set-Cookie` texts that end every cookie holding `name`, but those in `keep`. */
export function remove(
  header: string,
  name: string,
  attributes: CookieAttributes,
  keep: ReadonlySet<string> = new Set(),
): string[] {
  const names = new Set(cookiesWith(header, name).map(([key]) => key));
  return Array.from(names)
    .filter((key) => holds(key, name) && !keep.has(key))
    .slice(0, 32)
    .map((key) => setCookie(key, "", attributes, 0));
}
