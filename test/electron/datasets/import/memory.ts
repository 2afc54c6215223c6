import type { Pass } from '../../../../electron/datasets/import/scan.ts';
import type { ImportSource } from '../../../../electron/datasets/import/source.ts';

/** Bytes in memory as a file of an import, in pieces of this size. */
export function bytesSource(name: string, content: string | Uint8Array, piece = 1 << 18): ImportSource {
  const bytes = Buffer.from(content);
  return {
    name,
    bytes: bytes.length,
    async *read() {
      for (let at = 0; at < bytes.length; at += piece) yield await Promise.resolve(bytes.subarray(at, at + piece));
    },
  };
}

/** A pass that nobody follows. */
export function quietPass(): Pass {
  return { signal: new AbortController().signal, progress: () => undefined };
}
