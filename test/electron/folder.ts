import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder that is deleted when the test is finished. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'unrolled-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
