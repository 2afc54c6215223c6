import { describe, expect, test } from 'vitest';
import { decodeOne } from '../../../engine/models/decode.ts';
import { encoderDecoderSpec, transformerSpec, WritingModel } from './writing-model.ts';

const [a, b] = [Int32Array.of(2, 5, 1, 3), Int32Array.of(4, 4, 0)];
const common = { boundaries: { start: 0, end: 1 }, excluded: new Set([0]), steps: 5 };

describe.each([
  ['gru', encoderDecoderSpec({ cell: 'gru', batchSize: 2 }), 9],
  ['lstm of two layers', encoderDecoderSpec({ layers: 2, batchSize: 2 }), 36],
  ['lstm, read from both ends', encoderDecoderSpec({ bidirectional: true, batchSize: 2 }), 18],
] as const)('the state that a decoder starts from, %s', (_name, spec, size) => {
  test('is all that it knows of the source: put there by hand, it writes the same', async () => {
    const model = (await WritingModel.start(spec, 1, 0.8)).stepwise();
    const own = decodeOne(model, a, common);
    model.start(a);
    const state = model.startState;
    expect(state).toHaveLength(size);
    const other = decodeOne(model, b, common);
    expect(other.steps[0]?.probabilities).not.toEqual(own.steps[0]?.probabilities);
    expect(decodeOne(model, b, { ...common, startState: state })).toEqual(own);
    // The source's own state is back with the next one.
    expect(decodeOne(model, b, common)).toEqual(other);
  });
});

test('a transformer has none', async () => {
  const model = (await WritingModel.start(transformerSpec({ batchSize: 1 }))).stepwise();
  model.start(a);
  expect(model.startState).toHaveLength(0);
});
