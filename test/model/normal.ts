/** Replaces what is random by nature: certificates, requests and secret ids, in the order they appear. */
export function normal(text: string): string {
  return text
    .replace(/-----BEGIN ([A-Z ]+)-----.*?-----END \1-----/gs, "<$1>")
    .replace(/secret:(\/\/[0-9a-f-]+\/)?[0-9a-z]{20}/g, "<secret>");
}
