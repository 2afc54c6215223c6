import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { InputError } from '../../../engine/errors.ts';
import type { AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { Answering } from '../../../engine/models/answering.ts';
import { grow } from '../../../engine/models/generate.ts';
import { Random } from '../../../engine/random.ts';
import { predictorOf, randomModel, randomTransformer, randomTranslator } from '../exports/models.ts';

async function answeringOf({ experiment, codec, weights }: AnyTrainedModel): Promise<Answering> {
  const core = await loadCore(coreFiles, { shared: false });
  return new Answering({ core, experiment, codec, weights, sourceName: 'the test' });
}

const LEARNED = { positions: 'learned', maxPositions: 9 };

describe('inputs of whatever length', () => {
  test('a transformer goes on from the last of a text, as much as its window has', async () => {
    const model = randomTransformer('language');
    const { steps } = model.experiment.training;
    const text = 'abcdacbd'.repeat(steps) + 'dcba';
    const [long, short] = [text, text.slice(-steps)].map((one) => model.codec.encode(one));
    const predictor = await predictorOf(model, 4);
    const want = predictor.run(short!);
    expect(predictor.run(long!)).toEqual(want);
    const answering = await answeringOf(model);
    expect(await answering.answer(long!)).toEqual(model.codec.decode(short!, want));
    const options = () => ({ length: 20, temperature: 0.7, topK: 0, random: new Random(3, 1, 0) });
    const grown = [...grow(predictor, model.codec, text, options())].join('');
    expect(grown).toHaveLength(20);
    expect([...grow(predictor, model.codec, text.slice(-steps), options())].join('')).toBe(grown);
  });

  test.each([
    ['classification', randomTransformer('classification', LEARNED)],
    ['tagging', randomTransformer('tagging', LEARNED)],
    ['translation', randomTranslator({ architecture: 'transformer', ...LEARNED })],
  ])('learned positions end: %s', async (_kind, model) => {
    const symbols = model.codec.input.kind === 'tokens' ? model.codec.input.symbols.slice(-1) : [];
    const of = (steps: number) => model.codec.encode(Array.from({ length: steps }, () => symbols[0] ?? ''));
    const answering = await answeringOf(model);
    await expect(answering.answer(of(9))).resolves.toBeTypeOf('object');
    const refusal = new InputError('the input has 10 symbols; the model has learned 9 positions');
    await expect(answering.answer(of(10))).rejects.toThrow(refusal);
    if (model.codec.kind === 'translation') return;
    const predictor = await predictorOf(model, 20);
    expect(() => predictor.run(of(10))).toThrow(refusal);
  });

  test('others read all of it, in plans that grow', async () => {
    const model = randomModel('classification', { bidirectional: true });
    const answering = await answeringOf(model);
    for (const steps of [5, 64, 65, 300, 7]) {
      const encoded = model.codec.encode('abcde'.repeat(60).slice(0, steps));
      const predictor = await predictorOf(model, steps);
      expect(await answering.answer(encoded)).toEqual(model.codec.decode(encoded, predictor.run(encoded)));
    }
  });
});
