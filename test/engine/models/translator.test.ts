import { expect, onTestFinished, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { FormatError } from '../../../engine/errors.ts';
import { attentionMaps, Translator, type TranslatorOptions } from '../../../engine/models/translator.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { Session } from '../../../engine/training/session.ts';
import { setsOf, throughFile } from '../tasks/batch.ts';
import { smallExperiment, smallTask } from '../training/small-tasks.ts';

async function trained(model: Parameters<typeof smallExperiment>[0]) {
  const experiment = smallExperiment(model, { updates: 60, optimizer: { learningRate: 0.02 } });
  const task = smallTask('translation');
  const core = await loadCore(coreFiles, { shared: false });
  const session = await Session.start({ core, experiment, task, threads: 1 });
  onTestFinished(() => session.stop());
  while (!session.finished) session.step();
  const codec = restoreCodec(throughFile(task.state));
  const { validation } = setsOf(task);
  const options: TranslatorOptions = {
    core,
    experiment,
    codec,
    weights: session.parameters(),
    sourceSteps: 12,
    steps: validation.maxSteps,
    beams: 1,
    sourceName: 'x.safetensors',
  };
  return { session, options, codec };
}

test.each([
  [{ architecture: 'encoder-decoder', hiddenSize: 16 }],
  [{ architecture: 'encoder-decoder', hiddenSize: 16, attention: 'general', bidirectional: true }],
  [{ architecture: 'transformer', modelSize: 16, heads: 2, layers: 1, cell: null, hiddenSize: null }],
])('a translator writes what the evaluation of its training decoded: %j', async (model) => {
  const { session, options, codec } = await trained(model);
  const { examples } = session.evaluate();
  expect(examples!.length).toBeGreaterThan(5);
  const [greedy, beam] = [await Translator.load(options), await Translator.load({ ...options, beams: 4 })];
  for (const { input, output } of examples!) {
    const [found] = greedy.translate(codec.encode(input));
    expect(codec.target!.write(found!.symbols)).toBe(output);
    for (const { weights } of attentionMaps(found!)) {
      expect(weights).toHaveLength(found!.steps.length);
      for (const row of weights) {
        expect(row).toHaveLength(input.length);
        expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      }
    }
    const best = beam.translate(codec.encode(input));
    expect(best.length).toBe(4);
    expect(best.map(({ score }) => score)).toEqual(best.map(({ score }) => score).sort((a, b) => b - a));
  }
});

test('a translator refuses weights of another model', async () => {
  const { options } = await trained({ architecture: 'encoder-decoder', hiddenSize: 16 });
  const other = smallExperiment({ architecture: 'encoder-decoder', hiddenSize: 8 });
  await expect(Translator.load({ ...options, experiment: other })).rejects.toThrow(FormatError);
});
