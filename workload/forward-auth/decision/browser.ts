import type { Head } from "../server/head.ts";

/**
 * True when somebody waits in front of a page, so that being sent to the sign-in makes sense: a GET or HEAD, which accepts
 * HTML, is not a script's, and is a navigation where the browser says so.
 *
 * @see Fetch Metadata Request Headers, Sec-Fetch-Mode
 */
export function isNavigation(method: string, head: Head): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  const mode = head["sec-fetch-mode"];
  if (mode !== undefined && mode !== "navigate") return false;
  if (head["x-requested-with"]?.toLowerCase() === "xmlhttprequest") return false;
  const types = (head.accept ?? "*/*").split(",").map((type) => type.split(";", 1)[0]?.trim().toLowerCase());
  return (
    !isScript(head) &&
    types.some((type) => type === "text/html" || type === "*/*" || type === "application/xhtml+xml")
  );
}

/** True when a script asks for JSON: an element of `Accept` is exactly `application/json`, as oauth2-proxy has it. */
export function isScript(head: Head): boolean {
  return head.accept?.split(",").some((type) => type.trim() === "application/json") ?? false;
}
