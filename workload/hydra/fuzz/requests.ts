import fc from "fast-check";

/** One hostile request to the admin API. */
export interface AdminRequest {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

const keys = ["client_id", "client_secret", "redirect_uris", "grant_types", "response_types", "scope"];
const more = ["metadata", "contacts", "token_endpoint_auth_method", "email", "password", "groups", "token"];
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    "",
    "authorization_code",
    "https://a.test/cb",
    ["https://a.test/cb"],
    ["code"],
    "__proto__",
  ),
);
const body = fc.oneof(
  fc.string(),
  fc.json(),
  fc.dictionary(fc.constantFrom(...keys, ...more), value).map((entries) => JSON.stringify(entries)),
);
const segment = fc.oneof(
  fc.constantFrom("x", "%", "%2e%2e", "%00", "__proto__", "constructor"),
  fc.string().map(encoded),
);

/** Lone surrogates cannot be encoded; they are left out. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const place = fc.constantFrom(
  "/admin/clients",
  "/admin/accounts",
  "/admin/oauth2/introspect",
  "/admin/oauth2/tokens",
  "/admin/oauth2/auth/sessions/login",
);

/** Requests that no well-behaved client sends. Making keys is left out: it is slow and takes no input. */
export const adminRequest: fc.Arbitrary<AdminRequest> = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH"),
  path: fc.oneof(
    place,
    fc.tuple(place, segment).map(([where, last]) => `${where}/${last}`),
    fc.tuple(place, segment).map(([where, last]) => `${where}?client_id=${last}&subject=${last}`),
  ),
  type: fc.constantFrom("application/json", "application/x-www-form-urlencoded", "text/plain"),
  body,
});

/** Sends it; what comes back must be an answer, and no fault of the server. */
export async function isAnswered(port: number, request: AdminRequest): Promise<boolean> {
  const bodyless = request.method === "GET";
  const response = await fetch(`http://127.0.0.1:${port}${request.path}`, {
    method: request.method,
    headers: { "content-type": request.type },
    ...(bodyless ? {} : { body: request.body }),
  });
  await response.arrayBuffer();
  return response.status < 500;
}
