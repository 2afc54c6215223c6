/** Where the parts of this program lie, in the project as in the packaged app. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AssetFolders } from './assets.ts';

const ROOT = new URL('../../', import.meta.url);

export const assetFolders: AssetFolders = {
  renderer: fileURLToPath(new URL('dist/renderer', ROOT)),
  core: fileURLToPath(new URL('assembly/built', ROOT)),
  licenses: fileURLToPath(new URL('dist/licenses', ROOT)),
};

/** The version of the program, as package.json has it. */
export function programVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { version: string };
  return version;
}
