import type { JsonValue } from '../../../engine/json.ts';
import type { BatchBuffers, BatchOutputs, Evaluation, SequenceSet, Task } from '../../../engine/tasks/task.ts';
import { IGNORED } from '../../../engine/tasks/task.ts';

/** Empty buffers for a task's batches, all members that its kind calls for. */
export function buffersFor(task: Task, maxSteps: number, batchSize: number, maxSourceSteps = 0): BatchBuffers {
  const labels = task.output.kind === 'labels' ? maxSteps * batchSize : 0;
  return {
    maxSteps,
    batchSize,
    lengths: new Int32Array(batchSize),
    ...(task.kind === 'translation'
      ? {
          maxSourceSteps,
          sourceTokens: new Int32Array(maxSourceSteps * batchSize),
          sourceLengths: new Int32Array(batchSize),
        }
      : {}),
    ...(task.input.kind === 'tokens'
      ? { tokens: new Int32Array(maxSteps * batchSize) }
      : { values: new Float32Array(maxSteps * batchSize * task.input.names.length) }),
    ...(task.conditions === undefined ? {} : { conditions: new Int32Array(batchSize) }),
    ...(task.output.kind === 'labels'
      ? { targetLabels: new Int32Array(labels).fill(IGNORED) }
      : { targetValues: new Float32Array(batchSize * task.output.names.length) }),
  };
}

/** One item alone in a batch. */
export function single(task: Task, set: SequenceSet, item: number): BatchBuffers {
  const buffers = buffersFor(task, set.stepsOf(item), 1, set.sourceStepsOf?.(item));
  set.write(item, buffers, 0);
  return buffers;
}

/** The sets of a task that has no stream. */
export function setsOf(task: Task): { readonly train: SequenceSet; readonly validation: SequenceSet } {
  if (task.train.form !== 'set' || task.validation.form !== 'set') {
    throw new TypeError(`${task.id} is a stream`);
  }
  return { train: task.train, validation: task.validation };
}

/** Evaluates a predictor on the validation part in batches of 7; `predict` fills the outputs of column b. */
export function evaluate(
  task: Task,
  predict: (buffers: BatchBuffers, steps: number, b: number, outputs: Float32Array) => void,
  losses: Pick<BatchOutputs, 'lossSum' | 'lossCount'> = { lossSum: 1, lossCount: 1 },
): Evaluation {
  const batchSize = 7;
  const { validation } = setsOf(task);
  const evaluator = task.evaluator();
  const width = task.output.kind === 'labels' ? task.output.labels.length : task.output.names.length;
  for (let first = 0; first < validation.count; first += batchSize) {
    const buffers = buffersFor(task, validation.maxSteps, batchSize, validation.maxSourceSteps);
    const items = Array.from({ length: batchSize }, (_, b) => (first + b < validation.count ? first + b : -1));
    const steps = Math.max(...items.map((item) => (item < 0 ? 0 : validation.stepsOf(item))));
    const outputs = new Float32Array((task.output.per === 'step' ? steps : 1) * batchSize * width);
    items.forEach((item, b) => {
      if (item >= 0) {
        validation.write(item, buffers, b);
        predict(buffers, steps, b, outputs);
      }
    });
    evaluator.add(buffers, steps, items, { outputs, ...losses });
  }
  return evaluator.finish();
}

/** Puts probability 1 on every target label of column b. */
export function perfectLabels(V: number, per: 'step' | 'sequence') {
  return (buffers: BatchBuffers, steps: number, b: number, outputs: Float32Array): void => {
    for (let t = 0; t < (per === 'step' ? steps : 1); t++) {
      const row = t * buffers.batchSize + b;
      const target = buffers.targetLabels![row]!;
      if (target !== IGNORED) {
        outputs[row * V + target] = 1;
      }
    }
  };
}

/** A state as a file would give it back. */
export function throughFile(state: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(state)) as JsonValue;
}

/** Everything that write puts into the buffers for one item, as text to compare. */
export function itemKey(task: Task, set: SequenceSet, item: number): string {
  const { sourceTokens, tokens, values, targetLabels, targetValues, conditions } = single(task, set, item);
  return JSON.stringify(
    [sourceTokens, tokens, values, targetLabels, targetValues, conditions].map((part) => [...(part ?? [])]),
  );
}

/** The symbols or numbers of one item, without its target. */
export function inputKey(task: Task, set: SequenceSet, item: number): string {
  const { sourceTokens, tokens, values } = single(task, set, item);
  return (sourceTokens ?? tokens ?? values ?? []).join();
}
