/**
 * Kills a training process and its host over and over: `npm run -s kills -- [MOMENTS] [SEED]`, 50 moments where nothing
 * is said, of a seed that is told. The test that it runs (test/electron/runs/kill.test.ts) is part of `npm test` too,
 * with fewer moments that are always the same.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [moments = '50', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
if (!/^[1-9]\d{0,4}$/u.test(moments) || !/^\d{1,10}$/u.test(seed)) {
  console.error('npm run -s kills -- [MOMENTS] [SEED]: whole numbers, at least one moment');
  process.exitCode = 2;
} else {
  console.log(`${moments} moments of seed ${seed}`);
  const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');
  const args = [vitest, 'run', '--project', 'program', 'test/electron/runs/kill.test.ts'];
  const { status } = spawnSync(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, UNROLLED_KILLS: moments, UNROLLED_KILLS_SEED: seed },
  });
  process.exitCode = status ?? 1;
}
