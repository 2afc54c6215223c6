import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseCase, type GoldenCase } from '../conformance/case.ts';

/** The folder of the cases that the repository carries. */
export const GOLDEN_FOLDER = fileURLToPath(new URL('cases', import.meta.url));

/** One of them by name. */
export function goldenCase(name: string): GoldenCase {
  const file = `${GOLDEN_FOLDER}/${name}.json`;
  return parseCase(readFileSync(file, 'utf8'), file);
}
