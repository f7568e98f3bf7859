/** A subject's attributes; empty ones are left out. */
export interface Subject {
  /** At most 64 characters (RFC 5280, appendix A.1). */
  readonly commonName: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
  /** Two letters. */
  readonly country?: string;
  readonly state?: string;
  readonly locality?: string;
  readonly email?: string;
  /** Sets requests for the same names apart, so that a renewal is another request. */
  readonly uniqueId?: string;
}
