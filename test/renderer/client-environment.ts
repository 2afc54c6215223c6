import type { Environment } from 'vitest/runtime';

/** Modules are compiled as for a browser, and run in Node: the face's state needs no DOM. */
export default {
  name: 'client',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
} satisfies Environment;
