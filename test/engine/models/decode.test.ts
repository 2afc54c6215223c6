import { describe, expect, test } from 'vitest';
import { decodeBeam, decodeOne, type Decoding } from '../../../engine/models/decode.ts';
import { Random } from '../../../engine/random.ts';
import type { StepwiseModel } from '../../../engine/models/stepwise.ts';
import { WritingModel, encoderDecoderSpec, transformerSpec } from './writing-model.ts';

const boundaries = { start: 0, end: 1 };
const excluded = new Set([0]);
const source = Int32Array.of(2, 5, 1, 3);
const common = { boundaries, excluded, steps: 4 };

const MODELS = [
  ['lstm without attention', encoderDecoderSpec({ batchSize: 90 })],
  [
    'gru with additive attention',
    encoderDecoderSpec({ cell: 'gru', attention: 'additive', attentionSize: 4, batchSize: 90 }),
  ],
  ['transformer', transformerSpec({ batchSize: 90 })],
] as const;

/** Every sequence that can be written, with its log probability: each prefix is fed anew. */
function exhaustive(model: StepwiseModel, steps: number): readonly { symbols: readonly number[]; log: number }[] {
  const all: { symbols: readonly number[]; log: number }[] = [];
  const visit = (prefix: readonly number[], log: number) => {
    model.start(source);
    let row: Float32Array = new Float32Array();
    for (const symbol of [boundaries.start, ...prefix]) [row = new Float32Array()] = model.feed([symbol]);
    row.forEach((probability, symbol) => {
      if (excluded.has(symbol)) return;
      const symbols = [...prefix, symbol];
      const sum = log + Math.log(probability);
      if (symbol === boundaries.end || symbols.length === steps) all.push({ symbols, log: sum });
      else visit(symbols, sum);
    });
  };
  visit([], 0);
  return all;
}

const written = ({ steps }: Decoding) => steps.map(({ symbol }) => symbol);

describe.each(MODELS)('decoding with a %s', (_name, spec) => {
  test.each([0, 0.6, 1])(
    'a beam as wide as all hypotheses finds what exhaustive search does; length penalty %f',
    async (lengthPenalty) => {
      const model = (await WritingModel.start(spec, 1, 0.8)).stepwise();
      const score = ({ symbols, log }: { symbols: readonly number[]; log: number }) =>
        log / symbols.length ** lengthPenalty;
      const all = [...exhaustive(model, 4)].sort((a, b) => score(b) - score(a));
      const { decodings } = decodeBeam(model, source, { ...common, beams: 90, lengthPenalty });
      expect(decodings.length).toBeGreaterThan(10);
      decodings.slice(0, 10).forEach((decoding, i) => {
        expect(written(decoding)).toEqual(all[i]?.symbols);
        expect(decoding.score).toBeCloseTo(score(all[i]!), 10);
      });
    },
  );

  test('a beam of one is greedy, and every kept branch has the probability of feeding it anew', async () => {
    const model = (await WritingModel.start(spec, 1, 0.8)).stepwise();
    const greedy = decodeOne(model, source, common);
    expect(decodeBeam(model, source, { ...common, beams: 1, lengthPenalty: 0 }).decodings).toEqual([greedy]);
    const all = exhaustive(model, 4);
    const { decodings, tree } = decodeBeam(model, source, { ...common, beams: 3, lengthPenalty: 1 });
    for (const decoding of decodings) {
      const same = all.find(({ symbols }) => symbols.join() === written(decoding).join());
      expect(decoding.logProbability).toBe(same?.log);
    }
    for (const { parent, probability, logProbability } of tree) {
      expect(logProbability).toBe((tree[parent]?.logProbability ?? 0) + Math.log(probability));
    }
  });

  test('follows the symbols that it is forced to, and goes on from there by itself', async () => {
    const model = (await WritingModel.start(spec, 1, 0.8)).stepwise();
    const forced = [4, 2];
    const { decodings } = decodeBeam(model, source, { ...common, beams: 5, lengthPenalty: 0, forced });
    expect(decodings.map((decoding) => written(decoding).slice(0, 2))).toEqual(decodings.map(() => forced));
    const own = exhaustive(model, 4).filter(({ symbols }) => symbols[0] === 4 && symbols[1] === 2);
    const best = own.sort((a, b) => b.log - a.log)[0];
    expect(written(decodings[0]!)).toEqual(best?.symbols);
    expect(written(decodeOne(model, source, { ...common, forced })).slice(0, 2)).toEqual(forced);
  });

  test('draws the same symbols from the same seed', async () => {
    const model = (await WritingModel.start(spec, 1, 0.8)).stepwise();
    const draw = (seed: number) =>
      written(decodeOne(model, source, common, { temperature: 1, topK: 0, random: new Random(seed, 1) }));
    expect(draw(1)).toEqual(draw(1));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => draw(seed).join())).size).toBeGreaterThan(1);
  });
});

/** A plain cell over one-hot symbols, and Luong's attention, in float64; weights of the query at each step are given. */
function twin(model: WritingModel, given: (step: number, own: Float64Array) => ArrayLike<number>, steps: number) {
  const H = 6;
  const W = (name: string, columns: number) => {
    const values = model.parameter(name);
    return (r: number, c = 0) => values[r * columns + c] ?? NaN;
  };
  const cell = (network: string, symbols: number) => {
    const [ih, hh] = [W(`${network}.weight_ih_l0`, symbols), W(`${network}.weight_hh_l0`, H)];
    const [bi, bh] = [W(`${network}.bias_ih_l0`, 1), W(`${network}.bias_hh_l0`, 1)];
    return (symbol: number, h: readonly number[]) =>
      h.map((_, r) =>
        Math.tanh(ih(r, symbol) + bi(r) + bh(r) + h.reduce((sum, value, c) => sum + hh(r, c) * value, 0)),
      );
  };
  const softmax = (x: readonly number[]) => {
    const most = Math.max(...x);
    const terms = x.map((value) => Math.exp(value - most));
    const total = terms.reduce((sum, term) => sum + term, 0);
    return Float64Array.from(terms, (term) => term / total);
  };
  const read = cell('encoder', 6);
  const write = cell('decoder', 5);
  const states: number[][] = [];
  let h = new Array<number>(H).fill(0);
  for (const symbol of source) states.push((h = read(symbol, h)));
  const [combine, cb] = [W('combine.weight', 2 * H), W('combine.bias', 1)];
  const [head, hb] = [W('head.weight', H), W('head.bias', 1)];
  const symbols: number[] = [];
  const probabilities: number[] = [];
  let last = boundaries.start;
  for (let t = 0; t < steps; t++) {
    h = write(last, h);
    const weights = given(t, softmax(states.map((key) => key.reduce((sum, value, c) => sum + value * h[c]!, 0))));
    const context = h.map((_, c) => states.reduce((sum, key, s) => sum + (weights[s] ?? NaN) * key[c]!, 0));
    const features = [...context, ...h];
    const joined = h.map((_, r) =>
      Math.tanh(cb(r) + features.reduce((sum, value, c) => sum + combine(r, c) * value, 0)),
    );
    const p = softmax(
      Array.from({ length: 5 }, (_, v) => hb(v) + joined.reduce((sum, value, c) => sum + head(v, c) * value, 0)),
    );
    last = p.indexOf(Math.max(...p.filter((_, v) => !excluded.has(v))));
    symbols.push(last);
    probabilities.push(p[last]!);
    if (last === boundaries.end) break;
  }
  return { symbols, probabilities };
}

describe('attention that is edited by hand', () => {
  const spec = encoderDecoderSpec({ cell: 'rnn', hiddenSize: 6, embeddingSize: 0, attention: 'dot' });

  test('decodes as the naive twin does, with its own weights and with others in their place', async () => {
    const running = await WritingModel.start(spec, 1, 1.5);
    const model = running.stepwise();
    const paths = new Set<string>();
    for (let step = -1; step < 3; step++) {
      for (let s = 0; s < source.length; s++) {
        const onlyS = Float32Array.from(source, (_, k) => (k === s ? 1 : 0));
        const change = {
          edit(_head: number, _item: number, t: number, weights: Float32Array) {
            if (t !== step) return false;
            weights.set(onlyS);
            return true;
          },
        };
        const decoded = decodeOne(model, source, { ...common, changes: new Map([['attention', change]]) });
        const want = twin(running, (t, own) => (t === step ? onlyS : own), 4);
        expect(written(decoded)).toEqual(want.symbols);
        decoded.steps.forEach(({ probability }, t) => expect(probability).toBeCloseTo(want.probabilities[t]!, 5));
        const edited = decoded.steps[step];
        if (edited) expect([...edited.attention[0]!.weights]).toEqual([...onlyS]);
        paths.add(decoded.steps.map(({ probability }) => probability).join());
      }
    }
    expect(paths.size).toBeGreaterThan(6);
  });

  test('is the model’s own again without changes', async () => {
    const model = (await WritingModel.start(spec, 1, 1.5)).stepwise();
    const before = decodeOne(model, source, common);
    const change = { edit: (_h: number, _b: number, _t: number, weights: Float32Array) => (weights.fill(0), true) };
    expect(decodeOne(model, source, { ...common, changes: new Map([['attention', change]]) })).not.toEqual(before);
    expect(decodeOne(model, source, common)).toEqual(before);
  });
});

describe('a silenced head', () => {
  test('is one whose values leave the sum: as if its columns of the output’s weight were zero', async () => {
    const running = await WritingModel.start(transformerSpec(), 1, 0.8);
    const model = running.stepwise();
    const name = 'decoder.layers.1.multihead_attn';
    const before = decodeOne(model, source, common);
    const silenced = decodeOne(model, source, { ...common, changes: new Map([[name, { silenced: new Set([1]) }]]) });
    expect(silenced.steps[0]?.probabilities).not.toEqual(before.steps[0]?.probabilities);
    const weight = running.parameter(`${name}.out_proj.weight`);
    running.write(
      `${name}.out_proj.weight`,
      weight.map((value, i) => (i % 12 < 6 ? value : 0)),
    );
    expect(decodeOne(model, source, common).steps[0]?.probabilities).toEqual(silenced.steps[0]?.probabilities);
  });
});
