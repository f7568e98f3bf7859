/** Trace ids of requests. */

const PARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:$|-)/;

/**
 * The trace id of a `traceparent` header, 32 hexadecimal digits; undefined when the header is none.
 *
 * @see W3C Trace Context, section 3.2
 */
export function traceId(header: string | undefined): string | undefined {
  return header === undefined || header.length > 256 ? undefined : PARENT.exec(header)?.[1];
}
