import { describe, expect, test } from 'vitest';
import { UnrolledError } from '../../../engine/errors.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import { traceNames, traceView } from '../../../engine/team/traces.ts';
import { modelSpec, randomBatch, RunningModel } from '../models/running-model.ts';

describe.each([1, 2, 3])('a trace; threads: %i', (threads) => {
  const spec = modelSpec({
    output: { kind: 'labels', count: 4, per: 'sequence' },
    embeddingSize: 3,
    bidirectional: true,
    batchSize: 5,
    trace: true,
  });

  const ran = async (steps: number) => {
    const model = await RunningModel.start(spec, threads);
    model.fill(1);
    model.run(COMMANDS.gradients, randomBatch(spec, 2, 5, steps), { lossScale: 1 });
    return model;
  };

  test('has one value for each step, item and unit, and copies them in that order', async () => {
    const { team } = await ran(4);
    for (const name of traceNames(team)) {
      const view = traceView(team, name);
      expect(view.name).toBe(name);
      expect(view.batch).toBe(5);
      const values: number[] = [];
      for (let t = 0; t < (view.steps ?? 1); t++) {
        for (let b = 0; b < view.batch; b++) {
          for (let u = 0; u < view.units; u++) values.push(view.at(t, b, u));
        }
      }
      expect([...view.toArray()], name).toEqual(values);
      expect(
        values.some((value) => value !== 0),
        name,
      ).toBe(true);
    }
  });

  test('has the steps of the last pass, or no time axis', async () => {
    const { team } = await ran(4);
    expect(traceView(team, 'recurrent.l0.forget')).toMatchObject({ steps: 4, batch: 5, units: 6 });
    expect(traceView(team, 'embedding')).toMatchObject({ steps: 4, batch: 5, units: 3 });
    expect(traceView(team, 'pooled')).toMatchObject({ steps: undefined, batch: 5, units: 12 });
    expect(traceView(team, 'logits')).toMatchObject({ steps: undefined, batch: 5, units: 4 });
  });

  test('shows the memory itself: another pass changes what it says, not what was copied', async () => {
    const model = await ran(4);
    const view = traceView(model.team, 'recurrent.l0.cell');
    const [value, copy] = [view.at(3, 4, 5), view.toArray()];
    model.run(COMMANDS.forward, randomBatch(spec, 3, 5, 4), { lossScale: 1 });
    expect(view.at(3, 4, 5)).not.toBe(value);
    expect(copy.at(-1)).toBe(value);
  });

  test('copies one item as it lies in the whole', async () => {
    const { team } = await ran(4);
    for (const name of traceNames(team)) {
      const view = traceView(team, name);
      const whole = view.toArray();
      for (let item = 0; item < view.batch; item++) {
        const steps = Array.from({ length: view.steps ?? 1 }, (_, t) => {
          const from = (t * view.batch + item) * view.units;
          return [...whole.subarray(from, from + view.units)];
        });
        expect([...view.toArray(item)], name).toEqual(steps.flat());
      }
      expect(() => view.toArray(5)).toThrow(`${name} has no batch item 5.`);
    }
  });

  test('refuses places that it does not have', async () => {
    const { team } = await ran(4);
    const view = traceView(team, 'recurrent.l0.hidden');
    for (const [step, item, unit] of [
      [4, 0, 0],
      [-1, 0, 0],
      [0, 5, 0],
      [0, -1, 0],
      [0, 0, 6],
      [0, 0, -1],
    ] as const) {
      expect(() => view.at(step, item, unit)).toThrow(
        `recurrent.l0.hidden has no element [${step}, ${item}, ${unit}].`,
      );
    }
  });
});

describe('a trace of an unknown name', () => {
  test('is refused with the names that there are', async () => {
    const { team } = await RunningModel.start(modelSpec(), 1);
    const look = () => traceView(team, 'recurrent.l1.forget');
    expect(look).toThrow('There is no trace "recurrent.l1.forget".');
    expect(look).toThrow(UnrolledError);
    expect(look).toThrow(
      expect.objectContaining({
        hint: `There are: ${traceNames(team).join(', ')}.`,
      }),
    );
    expect(traceNames(team)).toContain('recurrent.l0.forget');
  });
});
