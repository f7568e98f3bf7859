/**
 * Reads a query or a form as Go programs do: a pair with a `;` or with a broken escape does not count.
 *
 * @param semicolons True: `;` stands for `&`.
 * @see golang/go: net/url (parseQuery)
 */
export function readQuery(text: string, semicolons = false): URLSearchParams {
  const pairs = (semicolons ? text.replaceAll(";", "&") : text).split("&");
  const good = pairs.filter((pair) => !pair.includes(";") && !/%(?![0-9a-f]{2})/i.test(pair));
  return new URLSearchParams(good.join("&"));
}
