/** Cookies of the sign-in, which applications have no business with. */

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Makes the test for our own cookies: the session cookie, its parts (`_0`, `_1`, …), and those of logins under way
 * (`_csrf`, `_<8 characters>_csrf`).
 */
export function ownCookieNames(name: string): (cookie: string) => boolean {
  const expression = new RegExp(`^${quoted(name)}(?:_\\d{1,3}|_csrf|_[\\w-]{1,16}_csrf)?$`);
  return (cookie) => cookie.startsWith(name) && expression.test(cookie);
}
