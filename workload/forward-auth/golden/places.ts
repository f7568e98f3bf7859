/** Placeholders of the recording, and what stands for them in this run. @module */

/** Placeholder → value: `OP` → `http://127.0.0.1:1234`. */
export type Places = Readonly<Record<string, string>>;

/** Puts this run's values in; `${repeat:c:n}` is n times c. Unknown placeholders stay: YAML mode expands `${…}` itself. */
export function filled(text: string, places: Places): string {
  return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
    const [, char = "", times] = /^repeat:(.):(\d+)$/.exec(name) ?? [];
    if (times !== undefined) return char.repeat(Number(times));
    return Object.hasOwn(places, name) ? (places[name] ?? "") : whole;
  });
}

const ANY: Readonly<Record<string, string>> = {
  b64: "[\\w-]*={0,2}",
  unix: "\\d{10}",
  time: "\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d",
  "go-time": "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)? [+-]\\d{4} \\S+(?: m=[+-][\\d.]+)?",
  seconds: "\\d+\\.\\d{3}",
  size: "\\d+",
  port: "\\d{1,5}",
  uuid: "[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}",
  session: "[^;]+",
  jwt: "[\\w-]+\\.[\\w-]+\\.[\\w-]+",
  id_token: "[\\w-]+\\.[\\w-]+\\.[\\w-]+",
  access_token: "[\\w.-]+",
  refresh_token: "[\\w.-]+",
  "font/woff2, not recorded": "[\\s\\S]+",
  "text/css; charset=utf-8, not recorded": "[\\s\\S]+",
};

/** The expression for one `<…>`; undefined when it stands for itself. */
function anything(name: string, places: Places): string | undefined {
  const token = /^token (\S+)$/.exec(name)?.[1];
  if (token !== undefined) return escaped(places[`tok:${token}`] ?? name);
  const sized = /^(?:ticket )?(b64|state|part):(\d+)$/.exec(name);
  if (sized !== null) return `[\\w${sized[1] === "part" ? "=|" : "="}-]{${sized[2]}}`;
  return Object.hasOwn(ANY, name) ? ANY[name] : undefined;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const ENCODED_STATE = /<base64url of "([^"]*)">/;

/** Whether a text is what was recorded, where `<…>` stands for what differs with every run. */
export function sameText(expected: string, actual: string, places: Places): boolean {
  const wanted = filled(expected, places);
  if (wanted === actual) return true;
  const encoded = ENCODED_STATE.exec(wanted);
  if (encoded !== null) return sameEncoded(wanted, encoded, actual, places);
  if (!wanted.includes("<")) return false;
  const pattern = wanted
    .split(/(<[^<>]+>)/)
    .map((part) => (part.startsWith("<") ? anything(part.slice(1, -1), places) : undefined) ?? escaped(part));
  return new RegExp(`^${pattern.join("")}$`).test(actual);
}

/** Compares a text that has something base64url encoded in it: around it first, then what was encoded. */
function sameEncoded(wanted: string, found: RegExpExecArray, actual: string, places: Places): boolean {
  const before = wanted.slice(0, found.index);
  const after = wanted.slice(found.index + found[0].length);
  if (!actual.startsWith(before) || !actual.endsWith(after)) return false;
  const inside = actual.slice(before.length, actual.length - after.length);
  return sameText(found[1] ?? "", Buffer.from(inside, "base64url").toString("utf8"), places);
}
