/** The core's built files, as the host of the page serves them beside it (electron/hosts/assets.ts). */
import type { CoreFiles } from '../../engine/core/load.ts';
import { UnrolledError } from '../../engine/errors.ts';

export const coreFiles: CoreFiles = {
  async read(build) {
    const response = await fetch(new URL(`/core/${build}.wasm`, globalThis.location.href)).catch(() => undefined);
    if (response?.ok !== true) {
      throw new UnrolledError('no-core', `The core's build "${build}" could not be read.`, 'Load the page again.');
    }
    return new Uint8Array(await response.arrayBuffer());
  },
};
