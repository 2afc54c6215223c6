import { isDeepStrictEqual } from 'node:util';
import { BUILDS, isShared, type BuildName, type CoreModule } from '../../engine/core/core.ts';
import { loadCore } from '../../engine/core/load.ts';
import { FormatError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import type { Checkpoint } from '../../engine/formats/checkpoint.ts';
import { Session, type SessionOptions } from '../../engine/training/session.ts';
import { coreFiles } from '../core/core-files.ts';
import { switchRevectorizerOn } from '../core/revectorizer.ts';
import { defaultThreads, startModelThread } from '../core/threads.ts';
import { openTask } from './open-task.ts';

/** What computes a run; where a member is missing, what the checkpoint records, or else what suits the machine. */
export interface Machinery {
  readonly threads?: number | undefined;
  readonly build?: BuildName | undefined;
  /** The folder of the workspace's own datasets, where there is a workspace. */
  readonly datasets?: string | undefined;
}

export interface StartedSession {
  readonly session: Session;
  readonly core: CoreModule;
  /** Threads or build are not those that the checkpoint records: the last bits may come out differently. */
  readonly bitsMayDiffer: boolean;
}

/** A checkpoint that a session begins from; `name`: its own, for errors. */
export interface NamedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly name: string;
}

/** A session on this machine's threads, with the experiment's task on its dataset; from the weights of `begin` where it is given. */
export async function startSession(
  experiment: Experiment,
  machinery: Machinery = {},
  begin?: NamedCheckpoint,
): Promise<StartedSession> {
  return start(experiment, machinery, begin, false);
}

/** The session that a checkpoint was taken of. `name`: the checkpoint's, for errors. */
export async function continueSession(
  checkpoint: Checkpoint,
  name: string,
  machinery: Machinery = {},
): Promise<StartedSession> {
  return start(checkpoint.experiment, machinery, { checkpoint, name }, true);
}

async function start(
  experiment: Experiment,
  machinery: Machinery,
  from: NamedCheckpoint | undefined,
  goesOn: boolean,
): Promise<StartedSession> {
  const task = await openTask(experiment, machinery.datasets);
  const recorded = goesOn ? from?.checkpoint.build : undefined;
  if (from && !isDeepStrictEqual(from.checkpoint.taskState, task.state)) {
    throw new FormatError(
      `${from.name} was trained on other data than the task ${task.id} has now: their symbols, labels or scales differ`,
    );
  }
  const threads = Math.min(
    machinery.threads ?? (machinery.build && !isShared(machinery.build) ? 1 : (recorded?.threads ?? defaultThreads())),
    experiment.training.batchSize,
  );
  const recordedBuild = BUILDS.find((build) => build === recorded?.core);
  // Another number of threads may need another kind of memory than the recorded build has.
  const build =
    machinery.build ?? (recordedBuild && (threads === 1 || isShared(recordedBuild)) ? recordedBuild : undefined);
  const revectorized = (!build || build.startsWith('wide')) && switchRevectorizerOn();
  const core = await loadCore(coreFiles, { shared: threads > 1, revectorized, ...(build ? { build } : {}) });
  const session = await Session.start({
    core,
    experiment,
    task,
    threads,
    startThread: startModelThread,
    ...(from && (goesOn ? { checkpoint: from.checkpoint, checkpointName: from.name } : { weights: weightsOf(from) })),
  });
  const bitsMayDiffer =
    recorded !== undefined && (recorded.core !== core.build || recorded.threads !== session.team.threads);
  return { session, core, bitsMayDiffer };
}

function weightsOf({ checkpoint, name }: NamedCheckpoint): NonNullable<SessionOptions['weights']> {
  return { tensors: checkpoint.model, name };
}
