import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { readCheckpoint } from '../../../engine/formats/checkpoint.ts';
import { Random } from '../../../engine/random.ts';
import { startSession } from '../../../electron/runs/start-session.ts';
import { temporaryFolder } from '../folder.ts';
import { openRuns, smallExperiment } from './open-runs.ts';

// Programs are started, killed and started again.
vi.setConfig({ testTimeout: 180_000 });

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url));
/** `npm run -s kills` asks for more. */
const MOMENTS = Number(process.env['UNROLLED_KILLS'] ?? 12);
/** Of the random moments. */
const SEED = Number(process.env['UNROLLED_KILLS_SEED'] ?? 3);
const EVALUATE_EVERY = 50;
const experiment = smallExperiment({ updates: 60_000, evaluateEvery: EVALUATE_EVERY, checkpointEvery: 30 });

/** What the host says when it opens the workspace again. */
interface Found {
  readonly found: string;
  readonly update: number;
  readonly evaluated: readonly number[];
  readonly samples: readonly number[];
  readonly checkpoints: readonly number[];
  readonly history: number;
}

interface Line extends Partial<Found> {
  readonly event?: string;
  readonly value?: { readonly update?: number };
  readonly pids?: readonly number[];
}

/** A host's life: killed after so many words, with its training process or before it. Returns what it said. */
async function killedHost(path: string, words: number, together: boolean): Promise<readonly Line[]> {
  const host = spawn(process.execPath, [HOST, path, JSON.stringify(experiment)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: Line[] = [];
  const lines = createInterface(host.stdout);
  lines.on('line', (text) => {
    said.push(JSON.parse(text) as Line);
    if (said.length === words) {
      const pids = said.at(-1)?.pids ?? [];
      host.kill('SIGKILL');
      for (const pid of together ? pids : []) {
        kill(pid);
      }
    }
  });
  await Promise.all([once(host, 'exit'), once(lines, 'close')]);
  expect(host.signalCode).toBe('SIGKILL');
  return said;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended with its host.
    return;
  }
}

/** A run killed at random moments, each time found again as it was at its last checkpoint; how it ends. */
async function killOverAndOver(moments: number, random: Random): Promise<void> {
  const path = temporaryFolder();
  let last = -1;
  for (let life = 0; life < moments; life++) {
    const said = await killedHost(path, 1 + random.below(60), random.below(2) === 1);
    const found = said.find((line): line is Line & Found => line.found !== undefined);
    if (found) {
      expectNothingLost(found, last);
    }
    const written = said.flatMap(({ event, value }) => (event === 'runs.checkpoint' ? (value?.update ?? []) : []));
    last = Math.max(last, ...written);
  }
  await expectSameBits(path, last);
}

function expectNothingLost({ found, update, checkpoints, evaluated, samples, history }: Found, last: number): void {
  expect(['paused', 'ready']).toContain(found);
  expect(checkpoints.at(-1) ?? 0).toBe(update);
  expect(update).toBeGreaterThanOrEqual(last);
  const due = Array.from({ length: Math.floor(update / EVALUATE_EVERY) }, (_, i) => (i + 1) * EVALUATE_EVERY);
  expect(evaluated).toEqual(due);
  expect(samples).toEqual(due.slice(-200));
  expect(history).toBeGreaterThanOrEqual(Math.min(update, 20_000));
}

/** Goes on with the run for a while; its weights are then those of a run that nobody disturbed. */
async function expectSameBits(path: string, last: number): Promise<void> {
  const open = await openRuns(path);
  const id = open.inside.list()[0]?.id ?? '';
  expect(open.inside.get(id).progress.update).toBeGreaterThanOrEqual(last);
  await open.runs.resume({ id });
  await open.reach(id, 'training');
  const { progress } = await open.runs.pause({ id });
  const { bytes } = await open.checkpoints.read({ run: id, update: progress.update });
  await open.close();
  const { session } = await startSession(parseExperiment(experiment), { threads: 1 });
  while (session.update < progress.update) {
    session.step();
  }
  const killed = readCheckpoint(bytes, 'the killed run').model;
  const weights = session.parameters();
  expect(killed.size).toBe(weights.size);
  for (const [name, { data }] of weights) {
    expect(killed.get(name)?.data, name).toEqual(data);
  }
  await session.stop();
}

test(
  `loses nothing up to the last checkpoint, killed at ${MOMENTS} random moments, and goes on bit for bit`,
  async () => {
    // Two workspaces side by side: most of a life is a program's start.
    await Promise.all([1, 2].map((stream) => killOverAndOver(Math.ceil(MOMENTS / 2), new Random(SEED, stream))));
  },
  60_000 + MOMENTS * 6000,
);
