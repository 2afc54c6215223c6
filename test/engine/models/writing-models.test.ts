import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../engine/team/replica.ts';
import { Numbers } from '../../reference/numbers.ts';
import { WritingModel, encoderDecoderSpec, transformerSpec } from './writing-model.ts';

const MODELS = [
  ['rnn without attention', encoderDecoderSpec({ cell: 'rnn' })],
  ['one-hot lstm, two layers', encoderDecoderSpec({ layers: 2, embeddingSize: 0 })],
  [
    'bidirectional gru with additive attention',
    encoderDecoderSpec({ cell: 'gru', bidirectional: true, attention: 'additive', attentionSize: 5 }),
  ],
  ['bidirectional lstm with general attention', encoderDecoderSpec({ bidirectional: true, attention: 'general' })],
  ['lstm with dot attention', encoderDecoderSpec({ attention: 'dot' })],
  ['gru with scaled-dot attention', encoderDecoderSpec({ cell: 'gru', attention: 'scaled-dot', layers: 2 })],
  ['pre-norm transformer', transformerSpec()],
  [
    'post-norm transformer, learned positions',
    transformerSpec({ norm: 'post', activation: 'gelu', positions: 'learned', maxPositions: 9 }),
  ],
  ['transformer language model', transformerSpec({ form: 'decoder', sourceSteps: 0, lengths: false })],
  ['transformer tagger', transformerSpec({ form: 'encoder', sourceSteps: 0 })],
  ...(['last', 'mean', 'max'] as const).map(
    (pooling) =>
      [
        `transformer classifier, ${pooling}`,
        transformerSpec({
          form: 'encoder',
          sourceSteps: 0,
          pooling,
          output: { kind: 'labels', count: 5, per: 'sequence' },
        }),
      ] as const,
  ),
] as const;

describe.each(MODELS)('%s', (_name, spec) => {
  test('has the gradients that finite differences measure', async () => {
    const model = await WritingModel.start(spec);
    model.stage(3);
    model.run(COMMANDS.gradients);
    const gradients = new Map(model.names.map((name) => [name, model.gradient(name)]));
    for (const [name, gradient] of gradients) {
      const values = model.parameter(name);
      const direction = new Numbers(name.length).matrix(1, values.length).data;
      const slope = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      const at = (by: number) => {
        model.write(
          name,
          values.map((value, i) => value + by * direction[i]!),
        );
        return model.run(COMMANDS.forward);
      };
      const step = 4e-3;
      const measured = (at(step) - at(-step)) / (2 * step);
      model.write(name, values);
      const error = Math.abs(measured - slope) / (1 + Math.abs(slope));
      expect(error, `${name}: ${slope}, measured ${measured}`).toBeLessThan(4e-3);
    }
  });

  test('has the same loss, outputs and gradients on two threads', async () => {
    const [one, two] = [await WritingModel.start(spec), await WritingModel.start(spec, 2)];
    for (const model of [one, two]) model.stage(4);
    const pass = { dropout: 0, update: 3 };
    expect(two.run(COMMANDS.gradients, pass)).toBeCloseTo(one.run(COMMANDS.gradients, pass), 4);
    expect([...two.outputs()]).toEqual([...one.outputs()]);
    for (const name of one.names) {
      const want = one.gradient(name);
      two.gradient(name).forEach((value, i) => {
        expect(Math.abs(value - want[i]!)).toBeLessThan(1e-5 + 1e-4 * Math.abs(want[i]!));
      });
    }
  });
});

describe.each(
  MODELS.filter(([, { output, ...spec }]) => output.per === 'step' && !('form' in spec && spec.form === 'encoder')),
)('%s, step by step', (_name, spec) => {
  test('gives the very outputs of a whole pass', async () => {
    const model = await WritingModel.start(spec);
    model.stage(5);
    const { tokens, sourceTokens, sourceLengths, batchSize } = model.buffers;
    const length = spec.sourceSteps === 0 ? 0 : 4;
    const source = Int32Array.from({ length }, (_, s) => sourceTokens?.[s * batchSize] ?? 0);
    source.forEach((symbol, s) => sourceTokens?.fill(symbol, s * batchSize, (s + 1) * batchSize));
    sourceLengths?.fill(length);
    const fed = tokens?.slice() ?? new Int32Array();
    model.run(COMMANDS.forward);
    const whole = model.outputs();
    const stepwise = model.stepwise();
    stepwise.start(source);
    const steps: number[] = [];
    for (let t = 0; t < spec.steps; t++) {
      const symbols = [...fed.subarray(t * batchSize, (t + 1) * batchSize)];
      steps.push(...stepwise.feed(symbols).flatMap((row) => [...row]));
    }
    expect(steps).toEqual([...whole]);
  });
});

describe('a decoder that is fed its own choices', () => {
  test('depends on the rate, not on the number of threads, and is itself again at rate 1', async () => {
    const spec = encoderDecoderSpec({ attention: 'dot', batchSize: 8 });
    const [one, two] = [await WritingModel.start(spec, 1, 1), await WritingModel.start(spec, 2, 1)];
    for (const model of [one, two]) model.stage(6);
    const right = one.run(COMMANDS.gradients, { teacherForcing: 1 });
    const half = one.run(COMMANDS.gradients, { teacherForcing: 0.5, update: 2 });
    expect(half).not.toBe(right);
    expect([...one.outputs()]).not.toEqual([]);
    two.run(COMMANDS.gradients, { teacherForcing: 0.5, update: 2 });
    expect([...two.outputs()]).toEqual([...one.outputs()]);
    expect(one.run(COMMANDS.gradients, { teacherForcing: 1 })).toBe(right);
  });

  test('is what feeding its choices by hand gives, at rate 0', async () => {
    const spec = encoderDecoderSpec({ attention: 'additive', attentionSize: 4 });
    const model = await WritingModel.start(spec, 1, 1);
    model.stage(7);
    const free = model.run(COMMANDS.forward, { teacherForcing: 0 });
    const { tokens, batchSize } = model.buffers;
    for (let t = 0; t + 1 < spec.steps; t++) {
      model.run(COMMANDS.forward);
      const outputs = model.outputs();
      for (let b = 0; b < batchSize; b++) {
        const row = outputs.subarray((t * batchSize + b) * 5, (t * batchSize + b + 1) * 5);
        if (tokens) tokens[(t + 1) * batchSize + b] = row.indexOf(Math.max(...row));
      }
    }
    expect(model.run(COMMANDS.forward)).toBe(free);
  });
});
