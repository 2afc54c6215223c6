/** A workspace with its runs, for tests: what they tell is kept, and can be waited for. */
import { onTestFinished } from 'vitest';
import type { EventValue } from '../../../electron/api/call.ts';
import type { events, Services } from '../../../electron/api/contract.ts';
import { Runs } from '../../../electron/runs/runs.ts';
import { createRunService } from '../../../electron/runs/service.ts';
import { forkProcess, type StartProcess } from '../../../electron/runs/start-process.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';

type EventName = keyof typeof events;
type Told = { [K in EventName]: { readonly event: K; readonly value: EventValue<typeof events, K> } }[EventName];

export interface OpenRuns extends Pick<Services, 'runs' | 'checkpoints' | 'traces'> {
  readonly workspace: Workspace;
  readonly inside: Runs;
  readonly told: readonly Told[];
  /** The first event, of those told from now on, for which `wanted` is true. */
  next(wanted: (told: Told) => boolean): Promise<Told>;
  /** Waits until the run is in one of these states. */
  reach(id: string, ...states: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the workspace at `path`; it is closed when the test is finished, unless it is before. */
export async function openRuns(path: string, startProcess: StartProcess = forkProcess): Promise<OpenRuns> {
  const workspace = Workspace.open(path);
  // Whatever machine the tests run on: one run at a time, on one thread.
  workspace.settings.set({ parallelRuns: 1, threads: 1 });
  const told: Told[] = [];
  let waiting: (() => void)[] = [];
  const inside = await Runs.open(
    workspace,
    (event, value) => {
      told.push({ event, value } as Told);
      const waking = waiting;
      waiting = [];
      for (const wake of waking) {
        wake();
      }
    },
    startProcess,
  );
  const services = createRunService(workspace, inside);
  const more = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  let closed = false;
  const close = async () => {
    if (!closed) {
      closed = true;
      await inside.close();
      workspace.close();
    }
  };
  onTestFinished(close);
  return {
    ...services,
    workspace,
    inside,
    told,
    async next(wanted) {
      for (let from = told.length; ; from = told.length) {
        await more();
        const found = told.slice(from).find(wanted);
        if (found) {
          return found;
        }
      }
    },
    async reach(id, ...states) {
      while (!states.includes(inside.get(id).state)) {
        await more();
      }
    },
    close,
  };
}

/** A small experiment: a few thousand updates a second. */
export function smallExperiment(training: object = {}, model: object = {}, seed = 1) {
  return {
    format: 'unrolled-experiment',
    version: 1,
    seed,
    task: { id: 'parity', length: 10, validationItems: 32 },
    model: { cell: 'lstm', hiddenSize: 8, ...model },
    training: {
      batchSize: 8,
      updates: 60,
      evaluateEvery: 20,
      checkpointEvery: 25,
      optimizer: { kind: 'adam', learningRate: 0.01 },
      ...training,
    },
  };
}

/** Far longer than any test. */
export const ENDLESS = { updates: 100_000_000, evaluateEvery: 1_000_000, checkpointEvery: 1_000_000 };
