/** The training process's side: one run from its first order to its end, told to the host. */
import * as v from 'valibot';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { parseExperiment } from '../../engine/experiment/schema.ts';
import type { Session } from '../../engine/training/session.ts';
import type { Sample } from '../api/samples.ts';
import { failureOf } from './failure.ts';
import { look } from './look.ts';
import { orderMessage, type OrderMessage, type StartMessage, type TrainingMessage } from './messages.ts';
import { readCheckpointFile } from './run-folder.ts';
import { Sampler } from './samples.ts';
import { continueSession, startSession, type Machinery, type StartedSession } from './start-session.ts';
import { isMilestone } from './thinning.ts';
import { checkpointFile, checkpointPath, TimelineFolder } from './timeline-folder.ts';
import { TrainRun, type RunEvent, type RunProgress } from './train-run.ts';

/** Records of a whole run's history. */
const HISTORY_RECORDS = 1_000_000;

/** The way to the host. */
export interface Port {
  post(message: TrainingMessage): void;
  listen(listener: (message: unknown) => void): void;
}

/** Updates of a process after which the time that is left can be told: the first ones are slow. */
const WARM_UP = 20;

const NOTHING_YET = { code: 'no-pass', message: 'The model is not at work.', hint: 'Look again while it trains.' };

type LookMessage = Extract<OrderMessage, { kind: 'look' }>;
type Request = 'pause' | 'resume' | 'step' | 'stop';

/** Waits for `start`, trains, and resolves when the host has been told how it ended. */
export async function serveTraining(port: Port): Promise<void> {
  const trainer = new Trainer(port);
  const start = new Promise<StartMessage>((resolve) => {
    port.listen((message) => {
      const order = v.parse(orderMessage, message);
      if (order.kind === 'start') {
        resolve(order);
      } else if (order.kind === 'recorded') {
        trainer.recorded();
      } else if (order.kind === 'look') {
        trainer.look(order);
      } else {
        trainer.request(order.kind);
      }
    });
  });
  await trainer.serve(await start);
}

class Trainer {
  readonly #port: Port;
  #run: TrainRun | undefined;
  #session: Session | undefined;
  /** Requests that came before there was a run to serve them. */
  #early: Request[] = [];
  #recorded: () => void = () => undefined;
  /** The update that this process began after. */
  #began = 0;

  constructor(port: Port) {
    this.#port = port;
  }

  request(request: Request): void {
    const run = this.#run;
    if (run === undefined) {
      this.#early.push(request);
    } else if (request === 'step') {
      run.stepOnce();
    } else {
      run[request]();
    }
  }

  /** Messages come between two passes, when the model's memory is at rest. */
  look({ id, names, item }: LookMessage): void {
    const seen = this.#session
      ? look(this.#session, { names, item })
      : ({ kind: 'failure', failure: NOTHING_YET } as const);
    this.#port.post({ kind: 'look', id, seen });
  }

  /** The host has the evaluation. */
  recorded(): void {
    this.#recorded();
  }

  async serve(start: StartMessage): Promise<void> {
    try {
      const folder = TimelineFolder.open(start.folder);
      try {
        await this.#train(start, folder);
      } finally {
        folder.close();
      }
    } catch (error) {
      this.#port.post({ kind: 'failed', failure: failureOf(error, 'training') });
    }
  }

  async #train(start: StartMessage, folder: TimelineFolder): Promise<void> {
    const { session, core } = await openSession(start, folder);
    try {
      const sampler = await Sampler.load(core, session);
      const run = new TrainRun({
        session,
        folder,
        resumed: folder.latest !== null,
        historyRecords: HISTORY_RECORDS,
        isMilestone,
        listen: (event) => this.#tell(event, folder, (evaluation) => sampler.take(evaluation)),
      });
      const { update, plan, team, build } = session;
      this.#began = update;
      this.#session = session;
      const { totalUpdates } = plan;
      const damaged = [...folder.damaged];
      this.#port.post({ kind: 'started', update, totalUpdates, threads: team.threads, build, damaged });
      this.#begin(run, start.paused);
      const end = await run.run();
      folder.flush();
      const failure = end.reason === 'diverged' ? { failure: failureOf(end.error, 'training') } : {};
      this.#port.post({ kind: 'ended', reason: end.reason, update: end.update, ...failure });
    } finally {
      this.#session = undefined;
      await session.stop();
    }
  }

  #begin(run: TrainRun, paused: boolean): void {
    this.#run = run;
    if (paused) {
      run.pause();
    }
    for (const request of this.#early) {
      this.request(request);
    }
    this.#early = [];
  }

  async #tell(
    event: RunEvent,
    folder: TimelineFolder,
    samplesOf: (evaluation: Extract<RunEvent, { kind: 'evaluation' }>['evaluation']) => readonly Sample[],
  ): Promise<void> {
    switch (event.kind) {
      case 'progress':
        folder.flush();
        this.#port.post({ kind: 'progress', progress: progressOf(event.progress, this.#began) });
        return;
      case 'evaluation': {
        const { update, evaluation } = event;
        const metrics = evaluation.metrics.map((metric) => ({ ...metric, value: finite(metric.value) }));
        // The checkpoint that follows must not be there before the evaluation is safe with the host.
        const recorded = new Promise<void>((resolve) => {
          this.#recorded = resolve;
        });
        const samples = [...samplesOf(evaluation)];
        this.#port.post({ kind: 'evaluated', update, metrics, best: evaluation.best, samples });
        await recorded;
        return;
      }
      case 'checkpoint': {
        const file = event.best ? undefined : checkpointFile(folder.path, event.update);
        if (file) {
          this.#port.post({ kind: 'checkpoint', update: file.update, bytes: file.bytes });
        }
        return;
      }
      case 'paused':
      case 'resumed':
        folder.flush();
        this.#port.post({ kind: event.kind, update: event.update });
        return;
      case 'started':
        return;
    }
  }
}

/** From the last checkpoint; without one from the checkpoint that the run begins from, or from new weights. */
async function openSession(start: StartMessage, folder: TimelineFolder): Promise<StartedSession> {
  const experiment = parseExperiment(start.experiment);
  const { datasets } = start;
  if (folder.latest !== null) {
    const path = checkpointPath(folder.path, folder.latest);
    const checkpoint = readCheckpointFile(path);
    return continueSession({ ...checkpoint, experiment }, path, { datasets });
  }
  const machinery: Machinery = { datasets, threads: start.threads };
  return start.from === null ? startSession(experiment, machinery) : branchSession(experiment, start.from, machinery);
}

async function branchSession(
  experiment: Experiment,
  { path, goesOn }: { readonly path: string; readonly goesOn: boolean },
  machinery: Machinery,
): Promise<StartedSession> {
  const checkpoint = readCheckpointFile(path);
  if (!goesOn) {
    return startSession(experiment, machinery, { checkpoint, name: path });
  }
  // What was the best so far belongs to the other run.
  const earlyStopping = { best: null, reference: null, waited: 0 };
  const progress = { ...checkpoint.progress, earlyStopping };
  return continueSession({ ...checkpoint, experiment, progress }, path, { datasets: machinery.datasets });
}

function progressOf(progress: RunProgress, began: number): Extract<TrainingMessage, { kind: 'progress' }>['progress'] {
  const { update, totalUpdates, epoch } = progress;
  return {
    update,
    totalUpdates,
    epoch,
    loss: finite(progress.loss),
    gradientNorm: finite(progress.gradientNorm),
    learningRate: finite(progress.learningRate),
    tokensPerSecond: finite(progress.tokensPerSecond),
    seconds: progress.seconds,
    secondsLeft: update - began < WARM_UP ? null : finite(progress.secondsLeft),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
