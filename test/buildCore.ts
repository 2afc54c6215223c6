/** Before the first test: the core is built from the sources as they are. */
import { execFileSync } from 'node:child_process';

export default function setup(): void {
  execFileSync(process.execPath, ['build/core.mjs'], { stdio: 'inherit' });
}
