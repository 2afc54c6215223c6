/** V8's revectorizer, which fuses pairs of the core's vectors into ones twice as wide. */
import { setFlagsFromString } from 'node:v8';

/**
 * Switches it on for all code that is compiled from here on, in worker threads too; to be called before the core is
 * loaded. The engine then finds out by itself whether it helps (engine/core/self-test.ts).
 */
export function switchRevectorizerOn(): void {
  setFlagsFromString('--experimental-wasm-revectorize');
}
