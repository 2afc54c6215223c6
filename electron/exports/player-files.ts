/** The built program of exported pages (build/app.mjs), and the core for one thread. */
import { readFile } from 'node:fs/promises';
import { UnrolledError } from '../../engine/errors.ts';
import type { PlayerParts } from '../../engine/exports/html.ts';
import { coreFiles } from '../core/core-files.ts';

const BUILT = new URL('../../dist/player/', import.meta.url);

export async function readPlayer(): Promise<PlayerParts> {
  const [script, style, licenses, relaxed, baseline] = await Promise.all([
    readText('player.js'),
    readText('player.css'),
    readText('licenses.txt'),
    coreFiles.read('relaxed'),
    coreFiles.read('baseline'),
  ]);
  return { script, style, licenses, cores: { relaxed, baseline } };
}

async function readText(name: string): Promise<string> {
  try {
    return await readFile(new URL(name, BUILT), 'utf8');
  } catch {
    throw new UnrolledError('no-player', 'The program of exported pages is not built.', 'Run: npm run build:app');
  }
}
