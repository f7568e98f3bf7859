/** The text is no record; `message` says why. */
export class CsvError extends Error {}

/** Reads the quoted field that begins at `start`; its text and where it ends. */
function quoted(text: string, start: number): { readonly field: string; readonly end: number } {
  let field = "";
  let at = start + 1;
  for (;;) {
    const close = text.indexOf('"', at);
    if (close === -1) throw new CsvError('a quoted part has no closing "');
    field += text.slice(at, close);
    const next = text[close + 1];
    if (next === undefined || next === "," || next === "\n") return { field, end: close + 1 };
    if (next !== '"') throw new CsvError('only a comma may follow a closing "');
    field += '"';
    at = close + 2;
  }
}

/**
 * Splits a record at commas; double quotes around a field protect commas in it, and two of them inside stand for one.
 * What follows a line break is not part of the record.
 *
 * @throws {CsvError} When a quote stands inside an unquoted field, or none closes a quoted one.
 * @see RFC 4180; Go: encoding/csv
 */
export function readRecord(input: string): string[] {
  const text = input.replaceAll("\r\n", "\n").replace(/^\n+/, "");
  if (text === "" && input !== "") throw new CsvError("there is no value");
  if (text === "") return [];
  const fields: string[] = [];
  for (let at = 0; ; ) {
    if (text[at] === '"') {
      const { field, end } = quoted(text, at);
      fields.push(field);
      at = end;
    } else {
      const end = text.slice(at).search(/[,\n]/);
      const field = end === -1 ? text.slice(at) : text.slice(at, at + end);
      if (field.includes('"')) throw new CsvError('a part with " must be quoted as a whole');
      fields.push(field);
      at += field.length;
    }
    if (text[at] !== ",") return fields;
    at++;
  }
}
