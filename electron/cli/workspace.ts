/** The workspace that a command works with: its datasets are found where the app has them. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { homedir } from 'node:os';
import { defaultWorkspace } from '../workspace/location.ts';

/** Every command has it. */
export const workspaceFlag = {
  type: 'text',
  value: 'DIR',
  description: "Workspace with your own datasets; UNROLLED_WORKSPACE or the app's own where it is not given",
} as const;

const DATABASE = 'workspace.db';
/** Folders above a file of a run that may be its workspace. */
const MOST_ABOVE = 5;

/** The workspace's folder, absolute. `chosen`: with the flag. */
export function workspaceFolder(chosen: string | undefined): string {
  const given = chosen ?? process.env['UNROLLED_WORKSPACE'];
  if (given === undefined || given === '') return defaultWorkspace();
  return resolve(given === '~' || given.startsWith('~/') ? join(homedir(), given.slice(1)) : given);
}

/**
 * The folder of the datasets that a run in `path` was trained on: of the workspace that was chosen, or else of the one
 * that the run lies in; undefined where there is none.
 */
export function datasetsFolder(chosen: string | undefined, path?: string): string | undefined {
  const own = chosen === undefined && path !== undefined ? workspaceAround(path) : undefined;
  const folder = join(own ?? workspaceFolder(chosen), 'datasets');
  return existsSync(folder) ? folder : undefined;
}

function workspaceAround(path: string): string | undefined {
  let folder = resolve(path);
  for (let n = 0; n < MOST_ABOVE; n++) {
    if (existsSync(join(folder, DATABASE))) return folder;
    folder = dirname(folder);
  }
  return undefined;
}
