/**
 * What our gateway charm relies on: the scenes of the parts of Traefik that it writes configuration for. All of
 * their cases have to agree, but for those in the README's table. `open-unsanitized` is about `sanitizePath: false`,
 * which the charm never writes.
 */
const SCENES =
  /^(path|path-raw|path-strip|host|priority|route|broken|broken-without-api|servers|first-.*|change|redirect.*|fa|fa-(path|path-query|preserve-.*|address-.*|empty-headers|userinfo|bad-regex|unknown-option|http-to-tls|https-to-http|tls-unknown-ca|no-headers)|open-(?!unsanitized).*|tls-(broken|change|default-missing|empty-file|many|no-router-tls|none|one)|h2|hop|smuggle|smuggle-raw|limits|diag|lb|health.*|read-timeout.*|semicolons)$/;

/** Questions to Traefik's API, which the charm does not turn on; the recorder did, for its own use. */
const API = /\/api-/;

/** Whether a case is of a scene that the charm relies on. */
export const isRelevant = (id: string): boolean => SCENES.test(id.split("/")[0] ?? "") && !API.test(id);
