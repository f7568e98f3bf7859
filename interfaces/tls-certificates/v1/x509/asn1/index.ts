/** X.509 in ASN.1, over the schemas of `@peculiar/asn1-x509` and its like: what is made here is DER. @module */

export { authorityDer, certificateDer } from "./certificate.ts";
export { factsOf, requestDer, verifiedRequest } from "./request.ts";
