import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './build/longest-first.mjs';

// One seed for the processes of all files, printed so that what it finds can be found again.
if (process.env['FAST_CHECK_SEED'] === 'random') {
  process.env['FAST_CHECK_SEED'] = String(Math.floor(Math.random() * 2 ** 31));
  console.log(`FAST_CHECK_SEED=${process.env['FAST_CHECK_SEED']}`);
}
// Programs that tests start, and the processes of the tests themselves, compile each module once and not once each.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compiled');
/** How many times as many cases of each property are drawn as usual. */
const manyTimes = Math.max(1, Number(process.env['FAST_CHECK_RUNS'] ?? '1') || 1);

/** What takes longer hangs. A file whose tests need more on a busy machine says so itself, with the reason. */
const TIMEOUT = 60_000;

const common = {
  // Processes of their own: worker threads that a test starts then run TypeScript as Node itself does.
  pool: 'forks',
  // One more than there are processors: tests of pages mostly wait for the browser.
  maxWorkers: availableParallelism() + 1,
  setupFiles: 'test/seed.ts',
  testTimeout: TIMEOUT * manyTimes,
  hookTimeout: TIMEOUT,
  globalSetup: 'test/buildCore.ts',
} as const;

/** Tests that keep to themselves: what they set up is theirs, and nothing of it stays. Many files share a process. */
const SHARED = ['test/engine/**/*.test.ts', 'test/assembly/**/*.test.ts', 'test/reference/**/*.test.ts'];

/** What `npm run test:quick` (--mode quick) leaves to `npm test`: other programs, real networks trained, large files. */
const NOT_QUICK = [
  ...['bench', 'conformance', 'frame', 'assembly', 'reference'].map((folder) => `test/${folder}/**`),
  'test/electron/{cli,exports,hosts,transport}/**',
  'test/electron/{launch,services}.test.ts',
  'test/electron/{datasets/bundled,experiments/service,tasks/service,runs/kill,runs/runs}.test.ts',
  'test/engine/exports/{pytorch,snippets}.test.ts',
  'test/engine/imports/pytorch*.test.ts',
  'test/engine/sequences/trial.test.ts',
  'test/renderer/worker/**',
];

export default defineConfig(({ mode }) => {
  const slow = mode === 'quick' ? NOT_QUICK : [];
  return {
    test: {
      sequence: { sequencer: LongestFirst },
      projects: [
        {
          test: { ...common, name: 'engine', include: SHARED, exclude: slow, isolate: false },
        },
        {
          test: {
            ...common,
            name: 'program',
            include: ['test/**/*.test.ts'],
            exclude: [...SHARED, 'test/renderer/**', 'test/e2e/**', ...slow],
          },
        },
        {
          // The state of the page, compiled as for a browser, so that effects are tested too. No DOM.
          plugins: [svelte({ configFile: 'svelte.config.js' })],
          resolve: { conditions: ['browser'] },
          test: {
            ...common,
            name: 'face',
            environment: './test/renderer/client-environment.ts',
            include: ['test/renderer/**/*.test.ts'],
            exclude: slow,
            isolate: false,
            server: { deps: { inline: ['svelte'] } },
          },
        },
        {
          // The whole program in a real browser, which all files share.
          test: {
            ...common,
            name: 'e2e',
            include: ['test/e2e/**/*.test.ts'],
            globalSetup: ['test/buildCore.ts', 'test/e2e/setup.ts'],
            // A page is waited for as long as a slow machine takes; a second, the default, is a clock.
            expect: { poll: { timeout: 30_000 } },
          },
        },
      ],
    },
  };
});
