/** Tests of the conformance suite that do not hold in a folder, and why. */
export const DIFFERS: Readonly<Record<string, string>> = {
  "are listed in name order, by pattern, links as links": "a command makes the link, and knows no folder",
  "multipart with a short boundary is refused": "refused before it is sent",
  "multipart with no parts is refused": "refused before it is sent",
};
