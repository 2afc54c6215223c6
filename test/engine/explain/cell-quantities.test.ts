/** Every number that can be followed is what its formula makes of its operands, down to weights and inputs. */
import { describe, expect, test } from 'vitest';
import { loadCore } from '../../../engine/core/load.ts';
import { cellQuantity } from '../../../engine/explain/cell-quantities.ts';
import { derivedParts } from '../../../engine/explain/derived-parts.ts';
import { Examination } from '../../../engine/explain/examination.ts';
import { evaluate } from '../../../engine/explain/quantity.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { takeExamples } from '../../../engine/tasks/examples.ts';
import { makeTask } from '../../../engine/tasks/registry.ts';
import { Session } from '../../../engine/training/session.ts';
import { coreFiles } from '../../../electron/core/core-files.ts';

const core = await loadCore(coreFiles, { shared: false });

/** A model whose weights are those of its first update. */
async function examine(task: object, model: object) {
  const experiment = parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    seed: 7,
    task,
    model: { hiddenSize: 5, ...model },
    training: { batchSize: 4, updates: 20 },
  });
  const made = makeTask(experiment.task, experiment.seed, null);
  const session = await Session.start({ core, experiment, task: made, threads: 1 });
  for (let update = 0; update < 10; update++) session.step();
  const [example] = takeExamples(made, 'validation', 0, 1, 8);
  const examination = await Examination.load({
    core,
    experiment,
    codec: made.codec,
    weights: session.parameters(),
    steps: example!.steps,
    sourceName: 'the session',
  });
  return { examination, outcome: examination.read(example!), example: example! };
}

const PARTS = {
  lstm: ['forget', 'input', 'candidate', 'output', 'kept', 'written', 'cell', 'squashed', 'hidden'],
  gru: ['reset', 'update', 'candidate', 'recurrent', 'resetRecurrent', 'complement', 'kept', 'written', 'hidden'],
  rnn: ['preactivation', 'hidden'],
} as const;

describe.each(['lstm', 'gru', 'rnn'] as const)('the quantities of a cell: %s', (cell) => {
  describe.each([
    ['symbols, one-hot', { id: 'reber', trainingStrings: 16, validationStrings: 4 }, {}, 0, false],
    ['symbols, embedded', { id: 'reber', trainingStrings: 16, validationStrings: 4 }, { embeddingSize: 3 }, 0, false],
    ['numbers', { id: 'adding', length: 6, validationItems: 4 }, {}, 0, false],
    [
      'a second layer, in reverse',
      { id: 'adding', length: 6, validationItems: 4 },
      { layers: 2, bidirectional: true },
      1,
      true,
    ],
  ] as const)('reading %s', (_, task, model, layer, reverse) => {
    test('that are made on the way are the same for all units at once', async () => {
      const { examination } = await examine(task, { cell, ...model });
      const reading = examination.reading(layer, reverse);
      const derived = Object.entries(derivedParts(reading));
      expect(derived.map(([part]) => part)).toEqual(
        expect.arrayContaining(cell === 'rnn' ? ['hiddenBefore'] : ['kept']),
      );
      for (const [part, values] of derived) {
        const before = /^(\w+)Before$/u.exec(part)?.[1];
        for (let step = 0; step < reading.steps; step++) {
          for (let unit = 0; unit < reading.units; unit++) {
            // What was before a step is the state of the one before.
            const key =
              before === undefined ? `${part}@${step}:${unit}` : `${before}@${step + (reverse ? 1 : -1)}:${unit}`;
            const want =
              reverse && before !== undefined && step === reading.steps - 1 ? 0 : cellQuantity(reading, key).value;
            expect(Math.abs(values[step * reading.units + unit]! - want), `${part} ${key}`).toBeLessThan(2e-6);
          }
        }
      }
    });

    test('are what their formulas make of their operands', async () => {
      const { examination, example } = await examine(task, { cell, ...model });
      const reading = examination.reading(layer, reverse);
      const seen = new Set<string>();
      const walk = (key: string): void => {
        if (seen.has(key)) return;
        seen.add(key);
        const quantity = cellQuantity(reading, key);
        expect(Number.isFinite(quantity.value), key).toBe(true);
        const { formula, operands, value } = quantity;
        if (formula === undefined) {
          expect(operands, key).toEqual([]);
          return;
        }
        const values = new Map(operands.map((operand) => [operand.key, operand.value]));
        // The traces are float32, and the core squashes by rational functions within 3e-7.
        expect(Math.abs(evaluate(formula, (operand) => values.get(operand)!) - value), key).toBeLessThan(2e-6);
        if (quantity.expanded) {
          const further = new Map(quantity.expanded.operands.map((operand) => [operand.key, operand.value]));
          const expanded = evaluate(quantity.expanded.formula, (operand) => further.get(operand)!);
          expect(Math.abs(expanded - value), key).toBeLessThan(2e-6);
        }
        operands.forEach((operand) => walk(operand.key));
      };
      for (const step of [0, 1, example.steps - 1]) {
        for (const unit of [0, 4]) for (const part of PARTS[cell]) walk(`${part}@${step}:${unit}`);
      }
      expect([...seen].some((key) => key.startsWith('recurrent.weight_hh'))).toBe(true);
    });
  });
});

test('what is among others stands at its place there', async () => {
  const { examination } = await examine({ id: 'adding', length: 6 }, { cell: 'lstm' });
  const reading = examination.reading(0, false);
  const { among, value } = cellQuantity(reading, 'forget@2:3');
  expect(among?.values[among.place]).toBe(value);
  expect(among?.values).toHaveLength(5);
});

test.each(['forget@99:0', 'nothing@0:0', 'recurrent.weight_ih_l7[0,0]', ''])('there is no quantity %o', async (key) => {
  const { examination } = await examine({ id: 'adding', length: 6 }, { cell: 'lstm' });
  expect(() => cellQuantity(examination.reading(0, false), key)).toThrow('There is no');
});
