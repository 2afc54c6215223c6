/** The core's built files, for hosts with a file system. */
import { readFile } from 'node:fs/promises';
import type { CoreFiles } from '../../engine/core/load.ts';
import { UnrolledError } from '../../engine/errors.ts';

const BUILT = new URL('../../assembly/built/', import.meta.url);

export const coreFiles: CoreFiles = {
  async read(build) {
    try {
      return await readFile(new URL(`${build}.wasm`, BUILT));
    } catch {
      throw new UnrolledError('no-core', `The core's build "${build}" is not there.`, 'Run: npm run build:core');
    }
  },
};
