/** How far back a translator's gradient reaches is what finite differences of the naive twin measure. */
import { expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { AttentionExamination } from '../../../engine/explain/attention-examination.ts';
import { NOTHING_CHANGED } from '../../../engine/explain/decoding-changes.ts';
import { Session } from '../../../engine/training/session.ts';
import { expectNear } from '../../reference/close.ts';
import { lookUp, runWritingTwin } from '../models/writing-twin.ts';
import { smallExperiment, smallTask } from '../training/small-tasks.ts';

const core = await loadCore(coreFiles, { shared: false });
const STEP = 1e-4;
/** No letter twice: a symbol's row of the embedding is what is read at its place alone. */
const WORD = 'juniper';
const PATH = [2, 3, 3, 2, 3];

const MODELS = [
  { architecture: 'encoder-decoder', cell: 'lstm', hiddenSize: 6, embeddingSize: 4, attention: 'none' },
  { architecture: 'encoder-decoder', cell: 'gru', hiddenSize: 6, embeddingSize: 4, attention: 'general' },
  {
    ...{ architecture: 'encoder-decoder', cell: 'rnn', hiddenSize: 6, embeddingSize: 4, bidirectional: true },
    ...{ attention: 'additive', attentionSize: 3 },
  },
  { architecture: 'transformer', modelSize: 8, heads: 2, layers: 1, cell: null, hiddenSize: null },
] as const;

async function examine(model: Parameters<typeof smallExperiment>[0]) {
  const experiment = smallExperiment(model, { updates: 20, optimizer: { learningRate: 0.03 } });
  const task = smallTask('translation');
  const session = await Session.start({ core, experiment, task, threads: 1 });
  while (!session.finished) session.step();
  const { codec } = task;
  const weights = session.parameters();
  const options = { core, experiment, codec, weights, sourceSteps: 12, steps: 12, sourceName: 'the session' };
  return { examination: await AttentionExamination.load(options), weights, codec };
}

test.each(MODELS)('of every symbol written, to every symbol read: %j', async (model) => {
  const { examination, weights, codec } = await examine(model);
  const { tokens = new Int32Array() } = codec.encode(WORD);
  const { norms, probabilities } = examination.sourceReach(tokens, PATH);
  const table = weights.get('source_embedding.weight')!;
  const [, E = 0] = table.shape;
  const source = Array.from(tokens);
  const fed = [codec.boundaries!.start, ...PATH.slice(0, -1)];
  /** -log p of each symbol, with one number of what is read at a place moved. */
  const losses = (place: number, element: number, by: number): readonly number[] => {
    const data = Float64Array.from(table.data);
    data[source[place]! * E + element]! += by;
    const parameter = lookUp(weights);
    const moved = lookUp(new Map([['source_embedding.weight', { ...table, data }]]));
    const { outputs } = runWritingTwin(
      examination.spec,
      (name) => (name === 'source_embedding.weight' ? moved : parameter)(name),
      { source, tokens: fed },
    );
    return PATH.map((symbol, t) => -Math.log(outputs.at(t, symbol)));
  };
  const squares = PATH.map(() => source.map(() => 0));
  source.forEach((_, s) => {
    for (let e = 0; e < E; e++) {
      const [after, before] = [losses(s, e, STEP), losses(s, e, -STEP)];
      after.forEach((loss, t) => (squares[t]![s]! += ((loss - before[t]!) / (2 * STEP)) ** 2));
    }
  });
  expectNear(norms, squares.flat().map(Math.sqrt), 5e-5, 'norms');
  expectNear(
    probabilities,
    losses(0, 0, 0).map((loss) => Math.exp(-loss)),
    2e-5,
    'probabilities',
  );
  expect(Math.min(...norms)).toBeGreaterThan(0);
});

test('leaves what is written afterwards as it was, and says where there is no room', async () => {
  const { examination, codec } = await examine(MODELS[1]);
  const { tokens = new Int32Array() } = codec.encode(WORD);
  const before = examination.write(tokens, NOTHING_CHANGED);
  examination.sourceReach(tokens, PATH);
  expect(examination.write(tokens, NOTHING_CHANGED)).toEqual(before);
  expect(() => examination.sourceReach(new Int32Array(13), PATH)).toThrow('planned');
});

test('is of the first states where symbols are not embedded', async () => {
  const { examination, codec } = await examine({ ...MODELS[2], embeddingSize: 0 });
  const { tokens = new Int32Array() } = codec.encode(WORD);
  const { norms } = examination.sourceReach(tokens, PATH);
  expect(norms).toHaveLength(PATH.length * WORD.length);
  expect(Math.min(...norms)).toBeGreaterThan(0);
});
