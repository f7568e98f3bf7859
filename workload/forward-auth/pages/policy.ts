/**
 * What pages may do in a browser.
 *
 * @see W3C: Content Security Policy Level 3
 */
import { createHash } from "node:crypto";

/** What a page needs beyond its own style. */
export interface PageNeeds {
  /** The whole text of its style element. */
  readonly style: string;
  /** `data:`, or the origin of a picture. */
  readonly pictures: readonly string[];
  /** True when the operator's own HTML is on it: then inline styles and pictures are allowed, scripts are not. */
  readonly foreign: boolean;
  /** True when people may get here over plain HTTP. */
  readonly plain: boolean;
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * The policy of a page of ours.
 *
 * Forms may lead to any site over TLS: browsers apply `form-action` to every redirect that follows, and providers send people
 * on to others.
 */
export function contentPolicy({ style, pictures, foreign, plain }: PageNeeds): string {
  const images = foreign ? ["https:", "data:"] : pictures;
  return [
    "default-src 'none'",
    `style-src ${foreign ? "'unsafe-inline'" : hashOf(style)}`,
    ...(images.length === 0 ? [] : [`img-src ${images.join(" ")}`]),
    `form-action 'self' https:${plain ? " http:" : ""}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The policy of an operator's template, whose scripts and styles are the operator's business. */
export const TEMPLATE_POLICY = "base-uri 'self'; object-src 'none'; frame-ancestors 'none'";

/**
 * Headers of a page: nothing may frame it, and the next site is not told where people come from.
 *
 * @param posts The page has a form that is posted to us. Behind `no-referrer` browsers say `Origin: null`, which is refused as
 *   another site's.
 */
export function pageHeaders(policy: string, posts = false): readonly string[] {
  return [
    "Content-Type",
    "text/html; charset=utf-8",
    "Content-Security-Policy",
    policy,
    "X-Content-Type-Options",
    "nosniff",
    "Referrer-Policy",
    posts ? "same-origin" : "no-referrer",
  ];
}
