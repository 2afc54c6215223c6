/**
 * Measures the app as a person meets it: `npm run -s bench:app -- [--seconds S] [--rounds N]
 * [--only list|run|gates|gradients]`, in a Chromium that is
 * found as the tests find it. Reported, not judged:
 *
 * - from the start of the program to its address, to the first view, to the first update of the first run;
 * - how long a list of 10,000 runs takes to appear;
 * - how fast the gradients view answers: a slider on an untrained network of 100 steps and 64 units, and the terms of a
 *   run of 64 units over 12 steps;
 * - the longest tasks on the page's main thread while a run trains on all cores, from Chromium's own trace: by the clock
 *   and by the processor's time, which other programs on the machine do not lengthen;
 * - what a run loses of its speed to being watched, and to traces being read of it, in pairs of stretches, ten seconds
 *   after the page was loaded; and, where the system tells it (Linux), the processor's time that goes to browser and host.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { socketChannel, type Socket } from '../../../electron/api/client-socket.ts';
import { SOCKET_PATH, type ProgramConnection } from '../../../electron/api/client-connect.ts';
import { createClient } from '../../../electron/api/client.ts';
import { contract } from '../../../electron/api/contract.ts';
import { App, openWindow, type Window } from '../../e2e/app.ts';
import { findBrowser } from '../../e2e/browser.ts';
import { fillWithRuns } from '../../e2e/fill-with-runs.ts';
import { median } from '../measure.ts';
import { measureGates } from './gates.ts';
import { measureGradients } from './gradients.ts';
import { processorSeconds } from './processor-time.ts';
import { longestTasks, startTrace } from './tasks.ts';

/** Reads of traces a second, where some are read. */
const LOOKS_PER_SECOND = 4;
const LOOKED_AT = ['input', 'forget', 'candidate', 'output', 'cell', 'hidden'].map((name) => `recurrent.l0.${name}`);

const TRACE_SECONDS = 60;
/** From the loading of a page on: to look at a run is to go on looking, and what loading costs is paid once. */
const SETTLE_SECONDS = 10;

/** Updates; of the run that is watched. */
const STEADY = { evaluateEvery: 1_000_000, checkpointEvery: 250 };

type Watching = 'page' | 'gradients' | 'traces';
const WATCHING: readonly Watching[] = ['page', 'gradients', 'traces'];

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, rounds: { type: 'string' }, only: { type: 'string' } },
});
const { only } = values;
/** Of one stretch in which a run is watched, or is not. */
const seconds = Number(values.seconds ?? 6);
const PAIRS = Number(values.rounds ?? 12);

const found = findBrowser();
if ('reason' in found) {
  console.error(`Nothing was measured: ${found.reason}.`);
  process.exitCode = 1;
} else {
  console.log(`${availableParallelism()} cores; stretches of ${seconds} s, ${PAIRS} pairs of each kind`);
  if (only === undefined || only === 'list') await measureList(found.path);
  if (only === undefined || only === 'run') await measureRun(found.path);
  if (only === undefined || only === 'gates') await reportGates(found.path);
  if (only === undefined || only === 'gradients') await reportGradients(found.path);
}

async function reportGradients(executablePath: string): Promise<void> {
  const { rnn, lstm, terms } = await measureGradients(executablePath);
  const untrained = 'untrained, T = 100, H = 64, its scale moves, ms: median, 95th percentile';
  report(`RNN ${untrained}`, median(rnn), percentile(rnn, 0.95));
  report(`LSTM ${untrained}`, median(lstm), percentile(lstm, 0.95));
  const what = 'terms of an LSTM run, H = 64, T = 12, another parameter, ms: median, largest';
  report(what, median(terms), Math.max(...terms));
}

async function reportGates(executablePath: string): Promise<void> {
  for (const sizes of [
    { steps: 200, units: 128 },
    { steps: 1000, units: 512 },
  ]) {
    const { scrubber, hold, redraw } = await measureGates(executablePath, sizes);
    const what = `gates at T = ${sizes.steps}, H = ${sizes.units}, ms: median, 95th percentile`;
    report(`${what}; the step moves`, median(scrubber), percentile(scrubber, 0.95));
    report(`${what}; a hold moves`, median(hold), percentile(hold, 0.95));
    report(`${what}; of that the redrawing`, median(redraw), percentile(redraw, 0.95));
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

async function measureList(executablePath: string): Promise<void> {
  const app = await App.start((path) => fillWithRuns(path, 10_000));
  const window = await openWindow(app, { browser: executablePath });
  const { page } = window;
  await page.getByText('All 10,000 runs').waitFor();
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    times.push(
      await page.evaluate(async () => {
        const start = performance.now();
        location.hash = '#/runs';
        while (document.querySelector('tbody a') === null) await new Promise(requestAnimationFrame);
        return performance.now() - start;
      }),
    );
    await page.evaluate(async () => {
      location.hash = '#/home';
      while (document.querySelector('tbody a') !== null) await new Promise(requestAnimationFrame);
    });
  }
  report('10,000 runs listed, ms: first, and median of five', times[0] ?? NaN, median(times));
  await close(app, window);
}

async function measureRun(executablePath: string): Promise<void> {
  const start = performance.now();
  const app = await App.start();
  report('start of the program to its address, ms', performance.now() - start);
  const window = await openWindow(app, { browser: executablePath, width: 1440, height: 900 });
  const { page } = window;
  report('first contentful paint after loading, ms', await paint(page));
  const pressed = performance.now();
  await page.getByRole('button', { name: 'Train a first model' }).click();
  await page.getByRole('complementary', { name: 'Inspector' }).getByText('tokens/s').waitFor();
  report('press of "Train a first model" to its first figures, ms', performance.now() - pressed);

  const program = await connect(app);
  const { api } = program;
  const [first] = expectValue(await api.runs.list({}));
  if (!first) throw new Error('There is no run.');
  // The same run, long enough to be watched all the time; no stretch is slow for an evaluation that falls into it.
  expectValue(await api.runs.stop({ id: first.id }));
  const experiment = first.experiment as { readonly training: object };
  const training = { ...experiment.training, epochs: undefined, updates: 1_000_000, ...STEADY };
  const long = { ...experiment, training };
  const { id } = expectValue(await api.runs.create({ experiment: JSON.parse(JSON.stringify(long)) as unknown }));
  const watched = new URL(`/#/train?run=${id}`, app.url).href;
  const gradients = new URL(`/#/gradients?run=${id}`, app.url).href;
  await page.goto(watched);
  await sleep(10_000);

  const addresses: Record<Watching, string> = { page: watched, gradients, traces: 'about:blank' };
  for (const watching of WATCHING) {
    await page.goto(addresses[watching]);
    await sleep(SETTLE_SECONDS * 1000);
    const { lost, error, share } = await measureLoss(program, id, page, watching);
    report(`lost to ${watching}, % of the run's speed: mean of ${PAIRS} pairs, standard error`, lost, error);
    console.log(`  of both cores' time meanwhile: ${share}`);
  }
  // In a minute of its own: recording takes time too.
  await page.goto(watched);
  await page.getByRole('complementary', { name: 'Inspector' }).getByText('tokens/s').waitFor();
  await sleep(2000);
  const trace = await startTrace(page);
  await sleep(TRACE_SECONDS * 1000);
  const tasks = await trace.stop();
  console.log(`of ${tasks.length} tasks of the page's main thread in ${TRACE_SECONDS} s of watching, the longest:`);
  report('  by the clock, ms', ...longestTasks(tasks, 'clock', 5));
  report("  by the processor's time, ms", ...longestTasks(tasks, 'processor', 5));
  program.close();
  await close(app, window);
}

/**
 * What a run loses, from pairs of short stretches in which it is watched and is not: a machine's speed wanders by more than
 * what is measured, but little within a few seconds. A page that does not watch is frozen, as one in the background.
 */
async function measureLoss(program: ProgramConnection, id: string, page: Page, watching: Watching) {
  const devtools = await page.context().newCDPSession(page);
  const losses: number[] = [];
  let share = '';
  const alone = async (): Promise<number> => {
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    return updatesPerSecond(program, id);
  };
  const together = async (): Promise<number> => {
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    const looking = watching === 'traces' ? look(program, id) : undefined;
    const before = processorSeconds(process.pid);
    const from = performance.now();
    const speed = await updatesPerSecond(program, id);
    share = shareOf(before, processorSeconds(process.pid), (performance.now() - from) / 1000);
    await looking?.stop();
    return speed;
  };
  for (let pair = 0; pair < PAIRS; pair++) {
    // By turns first, so that a speed that rises or falls favours neither.
    const speeds = pair % 2 === 0 ? [await together(), await alone()] : [await alone(), await together()].toReversed();
    losses.push(100 * (1 - speeds[0]! / speeds[1]!));
  }
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  const lost = losses.reduce((sum, loss) => sum + loss, 0) / PAIRS;
  const variance = losses.reduce((sum, loss) => sum + (loss - lost) ** 2, 0) / (PAIRS - 1);
  return { lost, error: Math.sqrt(variance / PAIRS), share };
}

/** Over one stretch, from the first news of the run in it to the last. */
async function updatesPerSecond(program: ProgramConnection, id: string): Promise<number> {
  const seen: { readonly at: number; readonly update: number }[] = [];
  const end = program.on('runs.progress', ({ id: of, progress }) => {
    if (of === id) seen.push({ at: performance.now(), update: progress.update });
  });
  await sleep(seconds * 1000);
  end();
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || first === last) throw new Error('The run does not train.');
  return (1000 * (last.update - first.update)) / (last.at - first.at);
}

/** What the kinds of processes had of all cores between two readings. */
function shareOf(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, elapsed: number): string {
  return [...after]
    .map(([name, time]) => {
      const share = (100 * (time - (before.get(name) ?? 0))) / elapsed / availableParallelism();
      return `${name} ${share.toFixed(1)} %`;
    })
    .join(', ');
}

function look({ api }: ProgramConnection, run: string): { stop(): Promise<void> } {
  const end = new AbortController();
  const done = (async () => {
    while (!end.signal.aborted) {
      expectValue(await api.traces.read({ run, names: LOOKED_AT }));
      await sleep(1000 / LOOKS_PER_SECOND);
    }
  })();
  return {
    stop: () => {
      end.abort();
      return done;
    },
  };
}

async function paint(page: Page): Promise<number> {
  return page.evaluate(async () => {
    for (;;) {
      const entry = performance.getEntriesByName('first-contentful-paint')[0];
      if (entry) return entry.startTime;
      await new Promise(requestAnimationFrame);
    }
  });
}

/** As a page connects, from outside of one. */
async function connect(app: App): Promise<ProgramConnection> {
  const entry = await fetch(app.url, { redirect: 'manual' });
  const cookie = entry.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { origin, host } = new URL(app.url);
  const socket = new WebSocket(`ws://${host}${SOCKET_PATH}`, { headers: { cookie, origin } });
  const program: ProgramConnection = createClient(
    contract,
    socketChannel(() => socket as unknown as Socket),
  );
  await once(socket, 'open');
  return program;
}

function expectValue<T>(result: { ok: true; value: T } | { ok: false; error: { message: string } }): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function report(what: string, ...figures: readonly number[]): void {
  const text = figures.map((figure) => figure.toLocaleString('en', { maximumSignificantDigits: 4 })).join('  ');
  console.log(`${what}: ${text === '' ? 'none' : text}`);
}

async function close(app: App, { browser }: Window): Promise<void> {
  await browser.close();
  await app.stop();
}
