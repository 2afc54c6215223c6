/** A run as one JSON object a line, on standard output. Numbers that are not finite are null. */
import { experimentToJson } from '../../engine/experiment/schema.ts';
import type { Reporter } from './training.ts';
import type { Terminal } from './terminal.ts';

/** `type`: "damaged" where a checkpoint was, "start", then "progress" and "evaluation", then "end". */
export function jsonReporter(terminal: Terminal): Reporter {
  const say = (type: string, fields: object) => {
    terminal.line(JSON.stringify({ type, ...fields }));
  };
  return {
    start({ session, folder, resumed, bitsMayDiffer }) {
      say('start', {
        run: folder.path,
        task: session.task.id,
        resumed,
        bitsMayDiffer,
        update: session.update,
        totalUpdates: session.plan.totalUpdates,
        updatesPerEpoch: session.updatesPerEpoch,
        parameters: session.parameterCount,
        memoryBytes: session.memoryBytes,
        build: session.build,
        threads: session.team.threads,
        notices: session.task.notices ?? [],
        experiment: experimentToJson(session.experiment),
      });
    },
    damaged(renamed, update) {
      say('damaged', { renamed, update });
    },
    progress(progress) {
      say('progress', progress);
    },
    evaluation(update, { metrics, best, solved }, samples) {
      say('evaluation', { update, metrics, best, ...(solved === undefined ? {} : { solved }), samples });
    },
    stopping() {
      // The line "end" says so.
    },
    end({ end, session, folder, evaluation, baselines, seconds }) {
      say('end', {
        run: folder.path,
        reason: end.reason,
        update: end.update,
        totalUpdates: session.plan.totalUpdates,
        seconds,
        checkpoint: folder.checkpointPath,
        best: session.best,
        ...(end.reason === 'diverged' ? { message: end.error.message, hint: end.error.hint } : {}),
        ...(evaluation ? { metrics: evaluation.metrics, solved: evaluation.solved, baselines } : {}),
      });
    },
  };
}
