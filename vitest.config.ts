import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const common = {
  // Processes of their own: worker threads that a test starts then run TypeScript as Node itself does.
  pool: 'forks',
  // By default one processor is kept free: of two, half of the machine.
  maxWorkers: availableParallelism(),
  setupFiles: 'test/seed.ts',
  // For what hangs; how long anything takes is no test's matter.
  testTimeout: 300_000,
  hookTimeout: 300_000,
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'program',
          include: ['test/**/*.test.ts'],
          exclude: ['test/renderer/**', 'test/e2e/**'],
          globalSetup: ['test/buildCore.ts'],
        },
      },
      {
        // The state of the face, compiled as for a browser, so that what follows what is tested too. No DOM.
        plugins: [svelte({ configFile: 'svelte.config.js' })],
        resolve: { conditions: ['browser'] },
        test: {
          ...common,
          name: 'face',
          environment: './test/renderer/client-environment.ts',
          include: ['test/renderer/**/*.test.ts'],
          globalSetup: ['test/buildCore.ts'],
          server: { deps: { inline: ['svelte'] } },
        },
      },
      {
        // The whole program in a real browser. One file after the other: each trains on all cores.
        test: {
          ...common,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/buildCore.ts', 'test/e2e/setup.ts'],
          fileParallelism: false,
          // A page is waited for as long as a slow machine takes; a second, the default, is a clock.
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
});
