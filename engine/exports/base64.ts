/** Base64 (RFC 4648, section 4) as bytes of ASCII: texts of many megabytes are not put together as strings. */

const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PADDING = 0x3d;

export function toBase64(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i]!;
    const b = bytes[i + 1] ?? 0;
    const c = bytes[i + 2] ?? 0;
    text[at++] = ALPHABET[a >> 2]!;
    text[at++] = ALPHABET[((a & 3) << 4) | (b >> 4)]!;
    text[at++] = i + 1 < bytes.length ? ALPHABET[((b & 15) << 2) | (c >> 6)]! : PADDING;
    text[at++] = i + 2 < bytes.length ? ALPHABET[c & 63]! : PADDING;
  }
  return text;
}
