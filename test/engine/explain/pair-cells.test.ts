/** The cells of an encoder and a decoder follow from one another as a cell's formulas say, from their first states on. */
import { expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { AttentionExamination } from '../../../engine/explain/attention-examination.ts';
import { NOTHING_CHANGED } from '../../../engine/explain/decoding-changes.ts';
import { derivedParts } from '../../../engine/explain/derived-parts.ts';
import { Session } from '../../../engine/training/session.ts';
import { smallExperiment, smallTask } from '../training/small-tasks.ts';

const core = await loadCore(coreFiles, { shared: false });

async function examine(model: Parameters<typeof smallExperiment>[0]) {
  const experiment = smallExperiment(model, { updates: 20, optimizer: { learningRate: 0.03 } });
  const task = smallTask('translation');
  const session = await Session.start({ core, experiment, task, threads: 1 });
  while (!session.finished) session.step();
  const { codec } = task;
  const options = { core, experiment, codec, weights: session.parameters(), sourceSteps: 12, steps: 12 };
  const examination = await AttentionExamination.load({ ...options, sourceName: 'the session' });
  const { tokens = new Int32Array() } = codec.encode('juniper');
  return { examination, tokens, decoding: examination.write(tokens, NOTHING_CHANGED) };
}

const BASE = { architecture: 'encoder-decoder', hiddenSize: 6, embeddingSize: 4, layers: 2 } as const;

test.each([
  { ...BASE, cell: 'lstm', attention: 'none' },
  { ...BASE, cell: 'lstm', attention: 'general', bidirectional: true },
  { ...BASE, cell: 'gru', attention: 'none' },
  { ...BASE, cell: 'gru', attention: 'general', bidirectional: true },
] as const)('of every layer and direction: %j', async (model) => {
  const { examination, tokens, decoding } = await examine(model);
  const both = 'bidirectional' in model;
  for (const layer of [0, 1]) {
    for (const [half, reverse] of [
      ['encoder', false],
      ...(both ? [['encoder', true] as const] : []),
      ['decoder', false],
    ] as const) {
      const cells = examination.cells(half, layer, reverse);
      expect(cells.steps).toBe(half === 'encoder' ? tokens.length : decoding.steps.length);
      const { kept, written } = derivedParts(cells);
      const state = cells.traces[model.cell === 'lstm' ? 'cell' : 'hidden']!;
      expect(state).toHaveLength(cells.steps * 6);
      state.forEach((value, i) => expect(Math.abs(value - (kept![i]! + written![i]!))).toBeLessThan(1e-5));
    }
  }
});

test('of a transformer there are none', async () => {
  const model = {
    architecture: 'transformer',
    modelSize: 8,
    heads: 2,
    layers: 1,
    cell: null,
    hiddenSize: null,
  } as const;
  const { examination } = await examine(model);
  expect(() => examination.cells('decoder', 0, false)).toThrow('no recurrent cells');
});
