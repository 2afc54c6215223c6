/** Before the first test: the core, and the program of exported pages, are built from the sources as they are. */
import { execFileSync } from 'node:child_process';

export default function setup(): void {
  execFileSync(process.execPath, ['build/core.mjs'], { stdio: 'inherit' });
  execFileSync(process.execPath, ['build/app.mjs', '--player'], { stdio: 'inherit' });
}
