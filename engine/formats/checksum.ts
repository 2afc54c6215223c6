/**
 * CRC-32C (Castagnoli 1993), reflected polynomial 0x82f63b78, initial value and final exclusive or 0xffffffff, as in
 * iSCSI (RFC 3720, section 12.1). Detects every error within 32 neighbouring bits. Eight bytes a step by tables
 * ("slicing by 8", Kounavis & Berry 2005).
 */

/** [8, 256]: entry (k, byte) is the remainder of `byte` followed by k zero bytes. */
const TABLES = buildTables();

function buildTables(): Uint32Array {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
    }
    tables[byte] = remainder;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256]!;
    tables[i] = (before >>> 8) ^ tables[before & 0xff]!;
  }
  return tables;
}

/** The checksum of `bytes`, an unsigned 32-bit number. `before`: that of the bytes that come before them. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      TABLES[1792 + (crc & 0xff)]! ^
      TABLES[1536 + ((crc >>> 8) & 0xff)]! ^
      TABLES[1280 + ((crc >>> 16) & 0xff)]! ^
      TABLES[1024 + (crc >>> 24)]! ^
      TABLES[768 + bytes[i + 4]!]! ^
      TABLES[512 + bytes[i + 5]!]! ^
      TABLES[256 + bytes[i + 6]!]! ^
      TABLES[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) {
    crc = (crc >>> 8) ^ TABLES[(crc ^ bytes[i]!) & 0xff]!;
  }
  return ~crc >>> 0;
}
