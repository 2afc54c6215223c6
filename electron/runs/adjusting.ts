/** Changes to a run while it is paused. The experiment stays as it was begun; the changes are kept beside it. */
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { parseExperiment } from '../../engine/experiment/schema.ts';
import type { Adjustment } from '../api/runs.ts';
import type { Change } from './run-rows.ts';

/** The fields of an experiment that may change. */
const FIELDS = {
  learningRate: {
    of: ({ training }: Experiment) => training.optimizer.learningRate,
    into: (experiment: Experiment, learningRate: number) => ({
      ...experiment,
      training: { ...experiment.training, optimizer: { ...experiment.training.optimizer, learningRate } },
    }),
  },
  clipNorm: {
    of: ({ training }: Experiment) => training.clipNorm,
    into: (experiment: Experiment, clipNorm: number) => ({
      ...experiment,
      training: { ...experiment.training, clipNorm },
    }),
  },
  dropout: {
    of: ({ model }: Experiment) => model.dropout,
    into: (experiment: Experiment, dropout: number) => ({ ...experiment, model: { ...experiment.model, dropout } }),
  },
} as const;
type Field = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as readonly Field[];

/** What a run trains with after its changes. */
export function adjusted(experiment: Experiment, changes: readonly Pick<Change, 'field' | 'to'>[]): Experiment {
  let result: unknown = experiment;
  for (const { field, to } of changes) {
    const name = NAMES.find((known) => known === field);
    if (name !== undefined && typeof to === 'number') {
      result = FIELDS[name].into(result as Experiment, to);
    }
  }
  return parseExperiment(result);
}

/**
 * The changes that an adjustment makes to what a run trains with; what stays as it is, is none. Throws InputError
 * naming the field where a value cannot be.
 */
export function changesOf(current: Experiment, adjustment: Adjustment, update: number): Change[] {
  const changes = NAMES.flatMap((field) => {
    const [from, to] = [FIELDS[field].of(current), adjustment[field]];
    return to === undefined || to === from ? [] : [{ update, field, from, to }];
  });
  adjusted(current, changes);
  return changes;
}
