import { vi } from 'vitest';

/**
 * Calls `look` until it no longer throws, and gives what it returns: for expectations of several values of a page, and
 * for a value that later ones are compared with. `expect.poll` is shorter for a single expectation.
 */
export function eventually<T>(look: () => Promise<T> | T): Promise<T> {
  return vi.waitFor(look, { timeout: 30_000, interval: 100 });
}
