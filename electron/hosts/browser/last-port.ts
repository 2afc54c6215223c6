/**
 * The port of a workspace's last browser host, which the next one tries first: a page that is still open then reaches the
 * program again, and learns that it was started anew. The secrets are new each time: while no program runs, another one
 * on this port could collect what an open page sends.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../runs/files.ts';

const FILE = 'browser-port';

/** Of the workspace in `folder`; undefined where there was none. */
export function readLastPort(folder: string): number | undefined {
  try {
    const port = Number(readFileSync(join(folder, FILE), 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

/** A workspace in which it cannot be kept can be used all the same. */
export function keepLastPort(folder: string, port: number): void {
  try {
    replaceFile(join(folder, FILE), `${port}\n`);
  } catch (error) {
    console.warn(`unrolled: ${error instanceof Error ? error.message : String(error)}`);
  }
}
