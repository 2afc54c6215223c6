/**
 * How modules are found in the processes and threads of the program under test: `electron` is the stand-in in the main
 * process and nowhere else, and every package comes from the packed tree, not from the project around it.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const STAND_IN = new URL('./', import.meta.url).href;
const ELECTRON = new URL('electron.ts', import.meta.url).href;
const app = `${pathToFileURL(process.env['UNROLLED_ELECTRON_APP'] ?? '').href}/`;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron' && isMainThread && process.env['UNROLLED_ELECTRON_MAIN'] === String(process.pid)) {
      return { url: ELECTRON, shortCircuit: true };
    }
    const found = next(specifier, context);
    if (context.parentURL?.startsWith(app) === true && !isInside(found.url)) {
      throw new Error(`${specifier} is not in the package: it was found at ${found.url}.`);
    }
    return found;
  },
});

function isInside(url: string): boolean {
  return url.startsWith('node:') || url.startsWith(app) || url.startsWith(STAND_IN);
}
