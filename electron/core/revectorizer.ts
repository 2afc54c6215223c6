/** V8's revectorizer, which fuses pairs of the core's vectors into ones twice as wide. */
import { setFlagsFromString } from 'node:v8';

/**
 * Switches it on for all code that is compiled from here on, in worker threads too; to be called before the core is
 * loaded. The engine then finds out by itself whether it helps (engine/core/self-test.ts). Returns false where V8 has none,
 * on processors other than x64: there the flag is unknown, and V8 would complain of it on standard error.
 */
export function switchRevectorizerOn(
  architecture: string = process.arch,
  setFlags: (flags: string) => void = setFlagsFromString,
): boolean {
  if (architecture !== 'x64') {
    return false;
  }
  setFlags('--experimental-wasm-revectorize');
  return true;
}
