import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../electron/core/core-files.ts';
import { BUILDS, isShared } from '../../engine/core/core.ts';
import { loadCore } from '../../engine/core/load.ts';
import { GOLDEN_FOLDER } from '../golden/cases.ts';
import { caseFiles, runFile } from './folder.ts';

const files = await caseFiles(GOLDEN_FOLDER);
const teams = BUILDS.flatMap((build) => (isShared(build) ? [1, 2] : [1]).map((threads) => ({ build, threads })));

describe.each(teams)('the golden cases, $build, threads: $threads', ({ build, threads }) => {
  test.each([false, true])('all pass; traces kept: %s', async (trace) => {
    const core = await loadCore(coreFiles, { shared: isShared(build), build });
    const failures: string[] = [];
    let passed = 0;
    for (const file of files) {
      const { name, status, reason } = await runFile(file, { core, threads, trace });
      if (status === 'fail') failures.push(`${name}: ${reason ?? ''}`);
      if (status === 'pass') passed++;
    }
    expect(failures).toEqual([]);
    expect(passed).toBe(files.length);
  });
});
