/** What scenarios do in the page: by its buttons, named as the catalogue of messages names them, and through its bridge. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { RunInfo } from '../../../electron/api/runs.ts';
import messages from '../../../renderer/messages/en.json' with { type: 'json' };

/** A text of the screen. `values` go into its places. */
export function text(key: keyof typeof messages, values: Readonly<Record<string, string>> = {}): string {
  const found: unknown = messages[key];
  if (typeof found !== 'string') throw new Error(`${key} has several forms.`);
  return found.replaceAll(/\{(\w+)\}/gu, (_whole, name: string) => values[name] ?? '');
}

/** A few seconds of training on one thread; `updates` beyond reach make it a run that does not end by itself. */
export function experiment(updates: number): object {
  return {
    format: 'unrolled-experiment',
    version: 1,
    seed: 1,
    task: { id: 'reversal', validationItems: 20, longest: 5, beyond: 2 },
    model: { architecture: 'encoder-decoder', cell: 'lstm', hiddenSize: 8, attention: 'additive' },
    training: { updates, batchSize: 16, evaluateEvery: 20, checkpointEvery: 20 },
  };
}
export const ENDLESS = 1_000_000;

interface Answer {
  readonly ok: boolean;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A call as the page itself makes it, through what the preload script has exposed. */
export async function call<T>(page: Page, name: string, args: object = {}): Promise<T> {
  const answer = (await page.evaluate(
    ([method, given]) => {
      const { unrolled } = globalThis as unknown as {
        unrolled: { call(name: string, args: unknown): Promise<unknown> };
      };
      return unrolled.call(method, given);
    },
    [name, args] as const,
  )) as Answer;
  if (!answer.ok) throw new Error(`${name}: ${answer.error?.message ?? ''}`);
  return answer.value as T;
}

/** Creates a run and starts it; one thread each. */
export async function startRun(page: Page, name: string, updates: number): Promise<RunInfo> {
  await call(page, 'settings.set', { threads: 1 });
  return call(page, 'runs.create', { experiment: experiment(updates), name, start: true });
}

export function runOf(page: Page, id: string): Promise<RunInfo> {
  return call(page, 'runs.get', { id });
}

export async function reach(page: Page, id: string, state: RunInfo['state'], update = 0): Promise<RunInfo> {
  await expect
    .poll(
      async () => {
        const run = await runOf(page, id);
        if (run.state === 'failed' && state !== 'failed') throw new Error(run.failure?.message);
        return run.state === state && run.progress.update >= update;
      },
      { timeout: 120_000 },
    )
    .toBe(true);
  return runOf(page, id);
}
