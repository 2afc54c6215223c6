import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appendHealth, cutHealth, readHealth, readLatestHealth } from '../../../electron/runs/health-file.ts';
import { HealthPace } from '../../../electron/runs/health-pace.ts';
import { RunFolder } from '../../../electron/runs/run-folder.ts';
import { continueSession, startSession } from '../../../electron/runs/start-session.ts';
import { TrainRun } from '../../../electron/runs/train-run.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import type { HealthRecord } from '../../../engine/gradients/health-record.ts';
import type { Session } from '../../../engine/training/session.ts';

const record = (update: number): HealthRecord => ({
  update,
  loss: 1,
  gradientNorm: null,
  clipScale: 0.5,
  parameters: [{ name: 'head.weight', gradientNorm: 2, weightNorm: 3, updateRatio: null }],
  saturation: [],
  radii: [{ name: 'recurrent.weight_hh_l0', gate: null, spectralRadius: 0.9 }],
});

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'unrolled-health-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('a run’s health', () => {
  test('is read back, without a line that was cut off or is none', () => {
    const folder = temporary();
    expect(readHealth(folder)).toEqual([]);
    expect(readLatestHealth(folder)).toBeNull();
    for (const update of [1, 2, 5]) appendHealth(folder, record(update));
    appendFileSync(join(folder, 'health.jsonl'), '{"update":"x"}\n{"update":9');
    expect(readHealth(folder)).toEqual([1, 2, 5].map(record));
    expect(readLatestHealth(folder)).toEqual(record(5));
    cutHealth(folder, 2);
    expect(readHealth(folder)).toEqual([1, 2].map(record));
    appendHealth(folder, record(3));
    expect(readHealth(folder).map(({ update }) => update)).toEqual([1, 2, 3]);
  });

  test('is looked at a bounded number of times, and for a bounded part of the time', () => {
    const free = new HealthPace(100_000, Infinity);
    let looks = 0;
    for (let update = 1; update <= 100_000; update++) {
      if (!free.wants(update, update)) continue;
      looks++;
      free.looked(1);
    }
    expect(looks).toBeGreaterThan(200);
    expect(looks).toBeLessThan(230);

    const dear = new HealthPace(1000, 0.01);
    let spent = 0;
    for (let update = 1; update <= 1000; update++) {
      // A second an update, and three for each look.
      if (!dear.wants(update, update)) continue;
      dear.looked(3);
      spent += 3;
    }
    expect(spent).toBeGreaterThan(3);
    // The first look does not count, and the last may take more than is left.
    expect(spent).toBeLessThanOrEqual(3 + 0.01 * 1000 + 0.25 + 3);
  });

  const experiment = parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    seed: 3,
    task: { id: 'adding', length: 4, validationItems: 32 },
    model: { cell: 'lstm', hiddenSize: 4 },
    training: { batchSize: 4, updates: 40, evaluateEvery: 20, clipNorm: 0.01 },
  });

  async function train(session: Session, folder: RunFolder, resumed: boolean): Promise<void> {
    onTestFinished(() => session.stop());
    await new TrainRun({ session, folder, resumed, listen: () => undefined }).run();
  }

  test('is kept from the first update on, adds up to the update’s gradient, and changes nothing of the training', async () => {
    const folder = RunFolder.create(join(temporary(), 'run'), experiment);
    const { session } = await startSession(experiment, { threads: 1 });
    await train(session, folder, false);
    const health = readHealth(folder.path);
    expect(health[0]?.update).toBe(1);
    const history = folder.readHistory();
    for (const { update, gradientNorm, clipScale, parameters, saturation, radii } of health) {
      const squares = parameters.reduce((sum, one) => sum + one.gradientNorm! ** 2, 0);
      expect(Math.sqrt(squares) / gradientNorm!).toBeCloseTo(1, 2);
      expect(history[update - 1]!.gradientNorm / gradientNorm!).toBeCloseTo(1, 3);
      expect(clipScale! * gradientNorm!).toBeCloseTo(0.01, 4);
      expect(parameters.every(({ updateRatio }) => updateRatio! > 0)).toBe(true);
      expect(saturation.map(({ name }) => name)).toContain('recurrent.l0.forget');
      expect(radii.map(({ gate }) => gate)).toEqual(['input', 'forget', 'candidate', 'output']);
    }
    const { session: plain } = await startSession(experiment, { threads: 1 });
    onTestFinished(() => plain.stop());
    for (let update = 1; update <= 40; update++) plain.step();
    for (const [name, { data }] of plain.parameters()) {
      expect(folder.readCheckpoint().model.get(name)?.data, name).toEqual(data);
    }
  });

  test('of updates that are done again is told again', async () => {
    const path = join(temporary(), 'run');
    const { session } = await startSession(experiment, { threads: 1 });
    const made = RunFolder.create(path, experiment);
    await train(session, made, false);
    made.close();
    appendHealth(path, record(99));
    const { folder, checkpoint } = RunFolder.resume(path);
    onTestFinished(() => folder.close());
    if (checkpoint === null) throw new Error('There is no checkpoint.');
    expect(readHealth(path).at(-1)!.update).toBeLessThanOrEqual(40);
    const { session: again } = await continueSession(checkpoint, folder.checkpointPath, { threads: 1 });
    await train(again, folder, true);
    const updates = readHealth(path).map(({ update }) => update);
    expect(updates).toEqual([...new Set(updates)].sort((a, b) => a - b));
  });
});
