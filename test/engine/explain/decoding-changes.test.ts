import { describe, expect, test } from 'vitest';
import {
  attentionChanges,
  editedWeights,
  formatDecodingChanges,
  NOTHING_CHANGED,
  parseDecodingChanges,
  withEdit,
  withoutEdit,
  type AttentionEdit,
} from '../../../engine/explain/decoding-changes.ts';
import { decodeOne } from '../../../engine/models/decode.ts';
import { encoderDecoderSpec, transformerSpec, WritingModel } from '../models/writing-model.ts';

const edit: AttentionEdit = { name: 'decoder.layers.0.multihead_attn', head: 1, step: 3, parts: [0.5, 0.25, 1e-7, 0] };
const silenced = [{ name: 'decoder.layers.1.self_attn', head: 0 }];

describe('changes of a decoding as text', () => {
  test('come back as they were', () => {
    const changes = { forced: [3, 12, 0], edits: [edit, { ...edit, head: null, name: 'attention' }], silenced };
    expect(parseDecodingChanges(formatDecodingChanges(changes))).toEqual(changes);
    expect(parseDecodingChanges('')).toEqual(NOTHING_CHANGED);
    expect(formatDecodingChanges(NOTHING_CHANGED)).toBe('');
  });

  test.each([
    'force=',
    'force=a',
    'attend=attention:0@1=',
    'attend=attention:0@1=-1,2',
    'silence=attention',
    'forget=1',
  ])('are refused where they cannot be read: %s', (text) => {
    expect(() => parseDecodingChanges(text)).toThrow();
  });

  test('have one edit for each step and head, and one of all heads stands for each', () => {
    const twice = withEdit(withEdit(NOTHING_CHANGED, edit), { ...edit, parts: [1, 0, 0, 0] });
    expect(twice.edits).toEqual([{ ...edit, parts: [1, 0, 0, 0] }]);
    const all = withEdit(withEdit(twice, { ...edit, head: 0 }), { ...edit, head: null });
    expect(all.edits).toEqual([{ ...edit, head: null }]);
    expect(withoutEdit(all, { ...edit, head: 1 }).edits).toEqual([]);
    expect(withoutEdit(twice, { ...edit, step: 2 }).edits).toHaveLength(1);
  });

  test('make weights that add up to 1', () => {
    expect(editedWeights({ parts: [1, 3] })).toEqual([0.25, 0.75]);
    expect(editedWeights({ parts: [0, 0] })).toEqual([0.5, 0.5]);
  });
});

describe('changes of a decoding as the model takes them', () => {
  const source = Int32Array.of(2, 5, 1, 3);
  const common = { boundaries: { start: 0, end: 1 }, excluded: new Set([0]), steps: 4, allAttention: true };

  test('put weights in place of one step of one head, and leave the others', async () => {
    const model = (await WritingModel.start(transformerSpec({ batchSize: 1 }), 1, 0.8)).stepwise();
    const before = decodeOne(model, source, { ...common, forced: [2, 3, 4, 2] });
    const changes = attentionChanges({ ...NOTHING_CHANGED, edits: [{ ...edit, step: 2, parts: [0, 3, 1, 0] }] });
    const after = decodeOne(model, source, { ...common, forced: [2, 3, 4, 2], changes });
    const weights = (decoding: typeof before, step: number, head: number) =>
      decoding.steps[step]?.attention.find((row) => row.name === edit.name && row.head === head)?.weights;
    expect(weights(after, 2, 1)).toEqual(Float32Array.of(0, 0.75, 0.25, 0));
    expect(weights(after, 2, 0)).toEqual(weights(before, 2, 0));
    expect(weights(after, 1, 1)).toEqual(weights(before, 1, 1));
    expect(after.steps[1]?.probabilities).toEqual(before.steps[1]?.probabilities);
    expect(after.steps[2]?.probabilities).not.toEqual(before.steps[2]?.probabilities);
  });

  test('do nothing where there are other keys than were edited for, and silence heads', async () => {
    const spec = encoderDecoderSpec({ attention: 'dot', batchSize: 1 });
    const model = (await WritingModel.start(spec, 1, 0.8)).stepwise();
    const before = decodeOne(model, source, common);
    const decode = (changes: Parameters<typeof attentionChanges>[0]) =>
      decodeOne(model, source, { ...common, changes: attentionChanges(changes) });
    expect(decode({ ...NOTHING_CHANGED, edits: [{ name: 'attention', head: null, step: 0, parts: [1, 0] }] })).toEqual(
      before,
    );
    const quiet = decode({ ...NOTHING_CHANGED, silenced: [{ name: 'attention', head: 0 }] });
    expect(quiet.steps[0]?.probabilities).not.toEqual(before.steps[0]?.probabilities);
  });
});
