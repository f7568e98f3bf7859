/**
 * A map of texts for `--file -`: JSON that a YAML 1.1 parser reads as the same texts.
 *
 * JSON allows characters raw in a text that YAML takes for line ends or refuses; they are escaped. A lone
 * surrogate has no form in YAML and becomes U+FFFD.
 *
 * Source: YAML 1.1, sections 5.1 (character set) and 5.4 (line breaks).
 */
export function yamlInput(data: Readonly<Record<string, string>>): Uint8Array {
  const pairs = Object.entries(data).map(([key, value]) => `${quote(key)}:${quote(value)}`);
  return Buffer.from(`{${pairs.join(",")}}`);
}

/** Text that JSON and YAML write as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text.toWellFormed()).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
