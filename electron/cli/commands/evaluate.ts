import { bestFlag, defineCommand, jsonFlag } from '../command.ts';
import { continueSession } from '../../runs/start-session.ts';
import { openCheckpoint } from '../checkpoint-source.ts';
import { describeConfusion, describeEvaluation } from '../describe.ts';
import { count } from '../format.ts';
import { machineFlags } from '../machine-flags.ts';
import { datasetsFolder } from '../workspace.ts';

/** Labels of a confusion matrix that still fits on a page. */
const MOST_LABELS = 16;

export const evaluate = defineCommand({
  name: 'evaluate',
  summary: 'Measure a trained model on the held-out part of its data, beside trivial predictors',
  usage: ['DIR [--best] [--json]', 'CHECKPOINT.safetensors [--json]'],
  description: [
    'The metrics are those of training, on the part of the data that training never sees. The baselines beside them are ' +
      'computed from the same data.',
  ],
  flags: { best: bestFlag, json: jsonFlag, ...machineFlags },
  examples: [
    { line: 'evaluate runs/whale --best', what: 'The best checkpoint of a run.' },
    { line: 'evaluate runs/whale/checkpoint.safetensors --json', what: 'A checkpoint file, for a machine.' },
  ],
  arguments: [1, 1],
  async run({ best, json, threads, build, workspace }, [path = ''], terminal) {
    const source = openCheckpoint(path, best);
    const { session } = await continueSession(source.checkpoint, source.path, {
      threads,
      build,
      datasets: datasetsFolder(workspace, source.path),
    });
    try {
      const { metrics, confusion, solved } = session.evaluate();
      const baselines = session.task.baselines();
      const { title, id, criterion } = session.task;
      if (json) {
        const { update } = session;
        terminal.line(
          JSON.stringify({
            checkpoint: source.path,
            task: id,
            update,
            metrics,
            baselines,
            solved,
            criterion,
            confusion,
          }),
        );
        return 0;
      }
      terminal.line(`${title}: ${source.path}, after update ${count(session.update)}`);
      terminal.line();
      const lines = [
        ...describeEvaluation({ metrics }, baselines, criterion),
        ...(confusion && confusion.labels.length <= MOST_LABELS ? ['', ...describeConfusion(confusion)] : []),
      ];
      for (const line of lines) {
        terminal.line(line);
      }
      return 0;
    } finally {
      await session.stop();
    }
  },
});
