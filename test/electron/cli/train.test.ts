import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { presetNames, preset } from '../../../electron/experiments/presets.ts';
import { experimentToJson } from '../../../engine/experiment/schema.ts';
import { objects, temporaryFolder, tensorBytes, TINY, unrolled, unrolledHere } from './unrolled.ts';

describe('train', () => {
  test('makes a run folder, tells how it goes, and says what to do next', async () => {
    const folder = temporaryFolder();
    const { status, stdout, stderr } = await unrolled([...TINY, '--out', 'run'], folder);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(join(folder, 'run')).sort()).toEqual([
      'best.safetensors',
      'checkpoint.safetensors',
      'experiment.json',
      'health.jsonl',
      'history.jsonl',
      'writer.lock',
    ]);
    expect(stdout).toContain('Adding problem (adding, regression)');
    expect(stdout).toMatch(/LSTM, 1 layer of 8: 393 parameters/);
    expect(stdout).toMatch(/update 10: loss [\d.]+; mean squared error [\d.]+/);
    expect(stdout).toMatch(/always 1 +mean squared error +0\.1\d+/);
    expect(stdout).toContain('evaluate run');
    expect(stdout).not.toContain('\u001b');
  });

  test('speaks JSON: start, progress and evaluations, end', async () => {
    const folder = temporaryFolder();
    const { status, stdout } = await unrolledHere([...TINY, '--out', 'run', '--json'], folder);
    expect(status).toBe(0);
    const lines = objects(stdout);
    expect(lines[0]).toMatchObject({ type: 'start', run: 'run', task: 'adding', update: 0, totalUpdates: 30 });
    expect(lines[0]).toMatchObject({ parameters: 393, threads: 1, updatesPerEpoch: null, resumed: false });
    expect(lines.filter(({ type }) => type === 'progress').length).toBeGreaterThan(0);
    const evaluations = lines.filter(({ type }) => type === 'evaluation');
    expect(evaluations.map(({ update }) => update)).toEqual([10, 20, 30]);
    const end = lines.at(-1);
    expect(end).toMatchObject({
      type: 'end',
      reason: 'complete',
      update: 30,
      metrics: evaluations.at(-1)?.['metrics'],
    });
    expect(end?.['baselines']).toMatchObject([{ name: 'always 1', metric: { name: 'meanSquaredError' } }]);
    expect(end?.['solved']).toBe(false);
  });

  test('gives equal weights for equal seeds, others for others', async () => {
    const folder = temporaryFolder();
    for (const [out, seed] of [
      ['a', '5'],
      ['b', '5'],
      ['c', '6'],
    ] as const) {
      expect((await unrolled([...TINY, '--seed', seed, '--out', out], folder)).status).toBe(0);
    }
    const weights = (run: string) => tensorBytes(join(folder, run, 'checkpoint.safetensors'), 'model.');
    expect(Object.keys(weights('a'))).toContain('model.recurrent.weight_hh_l0');
    expect(weights('b')).toEqual(weights('a'));
    expect(weights('c')).not.toEqual(weights('a'));
  });

  test('takes an experiment file, with flags in place of its fields', async () => {
    const folder = temporaryFolder();
    const file = {
      format: 'unrolled-experiment',
      version: 1,
      task: { id: 'parity', length: 10, validationItems: 32 },
      model: { cell: 'gru', hiddenSize: 5 },
      training: { updates: 4, batchSize: 4 },
    };
    writeFileSync(join(folder, 'mine.json'), JSON.stringify(file));
    const { status } = await unrolledHere(
      ['train', 'mine.json', '--hidden', '7', '--lr', '0.02', '--threads', '1', '--out', 'run'],
      folder,
    );
    expect(status).toBe(0);
    const written: unknown = JSON.parse(readFileSync(join(folder, 'run', 'experiment.json'), 'utf8'));
    expect(written).toMatchObject({
      task: file.task,
      model: { cell: 'gru', hiddenSize: 7 },
      training: { updates: 4, batchSize: 4, optimizer: { kind: 'adam', learningRate: 0.02 } },
    });
  });

  test('names the run folder after task, cell and time where no other is given', async () => {
    const folder = temporaryFolder();
    expect((await unrolledHere(TINY, folder)).status).toBe(0);
    const [run, ...others] = readdirSync(join(folder, 'runs'));
    expect(others).toEqual([]);
    expect(run).toMatch(/^adding-lstm-\d{4}-\d\d-\d\d-\d{6}$/);
  });

  test('writes names as it learns them', async () => {
    const folder = temporaryFolder();
    const { stdout } = await unrolledHere(
      ['train', '--task', 'names-generate', '--hidden', '8', '--updates', '20', '--threads', '1', '--json'],
      folder,
    );
    const evaluation = objects(stdout).find(({ type }) => type === 'evaluation');
    expect(evaluation?.['samples']).toMatchObject([{ label: 'female' }, { label: 'male' }]);
  });

  test('ends early where early stopping says so', async () => {
    const folder = temporaryFolder();
    const { status, stdout } = await unrolledHere(
      [...TINY, '--lr', '1e-12', '--evaluate-every', '5', '--patience', '2', '--out', 'run', '--json'],
      folder,
    );
    expect(status).toBe(0);
    expect(objects(stdout).at(-1)).toMatchObject({ reason: 'early-stopping', totalUpdates: 30 });
  });

  test('ends with a sentence and status 1 where training diverges, and keeps the checkpoint before', async () => {
    const folder = temporaryFolder();
    const { status, stdout, stderr } = await unrolledHere(
      [
        ...TINY,
        '--cell',
        'rnn',
        '--nonlinearity',
        'relu',
        '--optimizer',
        'sgd',
        '--lr',
        '100',
        '--clip',
        '0',
        '--out',
        'run',
        '--json',
      ],
      folder,
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/^unrolled: training diverged at update \d+: /);
    expect(stderr).toContain('smaller learning rate');
    expect(objects(stdout).at(-1)).toMatchObject({ type: 'end', reason: 'diverged' });
    expect((await unrolledHere(['inspect', 'run'], folder)).status).toBe(0);
  });
});

describe('demo', () => {
  test('trains on Moby-Dick, writes, and says what to try next', async () => {
    const folder = temporaryFolder();
    const { status, stdout, stderr } = await unrolledHere(
      ['demo', '--updates', '2', '--threads', '1', '--out', 'whale'],
      folder,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/bits per character [\d.]+/);
    expect(stdout).toContain('character frequencies');
    expect(stdout).toContain('What to try next:');
    expect(existsSync(join(folder, 'whale', 'checkpoint.safetensors'))).toBe(true);
  });
});

test('every experiment that comes with the program is right and says all it means', () => {
  expect(presetNames().length).toBeGreaterThanOrEqual(13);
  for (const name of presetNames()) {
    const experiment = preset(name);
    expect(experiment.name, name).toBeDefined();
    expect(experimentToJson(experiment)).toMatchObject({ format: 'unrolled-experiment', version: 1 });
  }
});
