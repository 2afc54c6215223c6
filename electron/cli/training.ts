/** One training run from its start, or from where it stood, to its end, told to a reporter. */
import type { CoreModule } from '../../engine/core/core.ts';
import { DivergenceError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import type { Baseline } from '../../engine/tasks/task.ts';
import type { EvaluationReport, Session } from '../../engine/training/session.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { continueSession, startSession, type Machinery, type StartedSession } from '../runs/start-session.ts';
import { TrainRun, type RunEnd, type RunProgress } from '../runs/train-run.ts';
import { INTERRUPTED } from './command.ts';
import { canGrow, Sampler, type Sample } from './sampler.ts';

export interface TrainStart {
  readonly session: Session;
  readonly core: CoreModule;
  readonly folder: RunFolder;
  readonly resumed: boolean;
  /** Of a resumed run: computed otherwise than before. */
  readonly bitsMayDiffer: boolean;
}

export interface TrainSummary {
  readonly end: RunEnd;
  readonly session: Session;
  readonly folder: RunFolder;
  /** Of the weights at the end; undefined where the run did not come to its end. */
  readonly evaluation: EvaluationReport | undefined;
  readonly baselines: readonly Baseline[];
  readonly seconds: number;
}

/** Tells a person or a machine how a run goes. */
export interface Reporter {
  start(start: TrainStart): void;
  /** The newest checkpoint was damaged and has been renamed; the run goes on from the best one, of `update`. */
  damaged(renamed: string, update: number): void;
  progress(progress: RunProgress): void;
  evaluation(update: number, evaluation: EvaluationReport, samples: readonly Sample[]): void;
  /** A stop was asked for. */
  stopping(): void;
  end(summary: TrainSummary): void;
}

/** Signals that come this soon after the first belong to the same key press. */
const SAME_PRESS_MS = 500;

/** Characters of a text, and letters of a name, that are shown as a model learns. */
const TEXT_LENGTH = 160;
const NAME_LENGTH = 40;
/** Translations that are shown at an evaluation. */
const TRANSLATIONS = 3;
const NAMES_A_LABEL = 3;

/** Starts a run in a new folder. Returns the exit status. */
export async function trainNew(
  experiment: Experiment,
  path: string,
  machinery: Machinery,
  reporter: Reporter,
): Promise<number> {
  RunFolder.requireFree(path);
  const started = await startSession(experiment, machinery);
  let folder: RunFolder | undefined;
  const create = () => (folder = RunFolder.create(path, experiment));
  try {
    return await train(started, create, false, reporter);
  } finally {
    folder?.close();
  }
}

/** Goes on with the run in a folder. Returns the exit status. */
export async function trainOn(path: string, machinery: Machinery, reporter: Reporter): Promise<number> {
  const { folder, checkpoint, damaged } = RunFolder.resume(path);
  try {
    if (checkpoint === null) {
      // Killed before its first checkpoint: it begins anew.
      return await train(await startSession(folder.experiment, machinery), () => folder, false, reporter);
    }
    if (damaged !== null) {
      reporter.damaged(damaged, checkpoint.progress.update);
    }
    const session = await continueSession(checkpoint, folder.checkpointPath, machinery);
    return await train(session, () => folder, true, reporter);
  } finally {
    folder.close();
  }
}

async function train(
  { session, core, bitsMayDiffer }: StartedSession,
  openFolder: () => RunFolder,
  resumed: boolean,
  reporter: Reporter,
): Promise<number> {
  try {
    const folder = openFolder();
    const startedAt = performance.now();
    const sampler = await liveSampler(session, core);
    let last: { readonly update: number; readonly evaluation: EvaluationReport } | undefined;
    const run = new TrainRun({
      session,
      folder,
      resumed,
      listen(event) {
        if (event.kind === 'started') {
          reporter.start({ session, core, folder, resumed, bitsMayDiffer });
        } else if (event.kind === 'progress') {
          reporter.progress(event.progress);
        } else if (event.kind === 'evaluation') {
          last = event;
          reporter.evaluation(event.update, event.evaluation, sampler(event.update, event.evaluation));
        }
      },
    });
    const release = stopOnSignals(run, reporter);
    try {
      const end = await run.run();
      const ended = end.reason === 'complete' || end.reason === 'early-stopping';
      const evaluated = last?.update === end.update ? last.evaluation : undefined;
      const evaluation = evaluated ?? (ended ? session.evaluate() : undefined);
      const seconds = (performance.now() - startedAt) / 1000;
      const baselines = evaluation ? session.task.baselines() : [];
      reporter.end({ end, session, folder, evaluation, baselines, seconds });
      if (end.reason === 'diverged') {
        throw afterDivergence(end.error, folder);
      }
      return end.reason === 'stopped' ? INTERRUPTED : 0;
    } finally {
      release();
    }
  } finally {
    await session.stop();
  }
}

function afterDivergence({ message, hint }: DivergenceError, { path }: RunFolder): DivergenceError {
  return new DivergenceError(message, `${hint ?? ''}; ${path} keeps its last checkpoint from before`);
}

/** Samples of a session's weights; none where the task has nothing to grow. */
async function liveSampler(
  session: Session,
  core: CoreModule,
): Promise<(update: number, evaluation: EvaluationReport) => readonly Sample[]> {
  const { experiment, task } = session;
  const { codec } = task;
  if (codec.kind === 'translation') {
    return (_update, { examples = [] }) =>
      examples.slice(0, TRANSLATIONS).map(({ input, output, target, right }) => ({
        label: input,
        text: right ? output : `${output} (not ${target})`,
      }));
  }
  if (!canGrow(codec)) {
    return () => [];
  }
  const weights = session.parameters();
  const sampler = await Sampler.load({ core, experiment, codec, weights, sourceName: 'The session' });
  return (update) => {
    sampler.setWeights(session.parameters(), 'The session');
    const common = { temperature: 0.8, topK: 0, seed: experiment.seed };
    if (codec.kind === 'language') {
      return [sampler.sample({ ...common, length: TEXT_LENGTH, item: update })];
    }
    const labels = codec.conditions ?? [];
    return labels.map((label, of) => {
      const names = Array.from({ length: NAMES_A_LABEL }, (_, i) => {
        const item = (update * labels.length + of) * NAMES_A_LABEL + i;
        return sampler.sample({ ...common, label, length: NAME_LENGTH, item }).text;
      });
      return { label, text: names.join(', ') };
    });
  };
}

/** The first signal stops the run in good order, the second ends the process. Returns how to undo that. */
function stopOnSignals(run: TrainRun, reporter: Reporter): () => void {
  let first: number | undefined;
  const stop = () => {
    const now = performance.now();
    if (first === undefined) {
      first = now;
      reporter.stopping();
      run.stop();
    } else if (now - first > SAME_PRESS_MS) {
      process.exit(INTERRUPTED);
    }
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) {
    process.on(signal, stop);
  }
  return () => {
    for (const signal of signals) {
      process.off(signal, stop);
    }
  };
}
