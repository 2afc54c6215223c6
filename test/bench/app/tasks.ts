/** The tasks of a page's main thread, from Chromium's own trace. */
import type { Page } from 'playwright-core';
import * as v from 'valibot';

/** Milliseconds. */
export interface Task {
  readonly clock: number;
  /** Of the thread's own processor time. */
  readonly processor: number;
}

const traceSchema = v.object({
  traceEvents: v.array(
    v.looseObject({
      name: v.string(),
      ph: v.string(),
      pid: v.number(),
      tid: v.number(),
      ts: v.number(),
      /** Microseconds. */
      dur: v.optional(v.number()),
      tdur: v.optional(v.number()),
      args: v.optional(v.looseObject({ name: v.optional(v.unknown()) })),
    }),
  ),
});

/** Records the page's process; `stop` gives the tasks since then. */
export async function startTrace(page: Page): Promise<{ stop(): Promise<readonly Task[]> }> {
  const browser = page.context().browser();
  if (!browser) throw new Error('The page has no browser.');
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline', '__metadata'] });
  return {
    async stop() {
      const text = (await browser.stopTracing()).toString('utf8');
      const { traceEvents } = v.parse(traceSchema, JSON.parse(text));
      const main = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
      return traceEvents
        .filter(
          ({ name, pid, tid }) => name === 'RunTask' && main.some((other) => other.pid === pid && other.tid === tid),
        )
        .map(({ dur = 0, tdur = 0 }) => ({ clock: dur / 1000, processor: tdur / 1000 }));
    },
  };
}

/** The longest first. */
export function longestTasks(tasks: readonly Task[], by: keyof Task, most: number): readonly number[] {
  return tasks
    .map((task) => task[by])
    .toSorted((a, b) => b - a)
    .slice(0, most);
}
