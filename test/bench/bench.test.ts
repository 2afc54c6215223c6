/** The benchmark as it is called, on rounds too short to say anything about speed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { pythonWith } from '../python.ts';
import { startModel, startPyTorchModel, startTensorFlow, startTensorFlowModel, startUnrolled } from './contestant.ts';
import { caseNamed, modelCaseNamed } from './flags.ts';
import { sameLosses } from './measure.ts';
import { hasTensorFlowParts, MODEL_CASES } from './model-cases.ts';

// The benchmark starts a dozen programs, one after the other.
vi.setConfig({ testTimeout: 300_000 });

const run = promisify(execFile);
const withTorch = pythonWith('torch') !== undefined;
const positive: unknown = expect.toSatisfy(
  (value: unknown) => typeof value === 'number' && value > 0 && Number.isFinite(value),
);

test('prints every measurement and every ratio as JSON', async () => {
  const args = ['test/bench/main.ts', '--json', '--case', 'b16-t32-h32', '--threads', '1,2', '--seconds', '0.01'];
  const { stdout } = await run(process.execPath, args);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const speed = { tokensPerSecond: positive, msPerStep: positive, gflops: positive };
  const yardstick = { peakGflops: positive, percentOfPeak: positive, residentBytes: positive };
  for (const input of ['dense', 'one-hot']) {
    for (const [threads, build] of [
      [1, 'relaxed'],
      [2, 'relaxed-shared'],
    ] as const) {
      expect(lines).toContainEqual({ case: 'b16-t32-h32', input, build, threads, ...speed, ...yardstick });
    }
  }
  for (const pattern of [/^TensorFlow\.js [.\d]+ layers, wasm, SIMD$/, /^TensorFlow\.js [.\d]+, wasm, SIMD$/]) {
    const library = expect.stringMatching(pattern) as string;
    expect(lines).toContainEqual({ case: 'b16-t32-h32', input: 'dense', library, ...speed });
  }
  for (const threads of [1, 2]) {
    for (const against of ['TensorFlow.js layers', 'TensorFlow.js by hand']) {
      const ratio = { case: 'b16-t32-h32', input: 'dense', threads, against, medianRatio: positive };
      expect(lines).toContainEqual(expect.objectContaining(ratio));
    }
  }
  expect(lines.some((line) => String(line['library']).startsWith('PyTorch'))).toBe(true);
});

test('measures models with attention, training and decoding', async () => {
  const names = ['attention', 'transformer-decode'];
  const cases = names.flatMap((name) => ['--case', name]);
  const args = ['test/bench/main.ts', '--json', ...cases, '--threads', '1', '--seconds', '0.01', '--build', 'relaxed'];
  const { stdout } = await run(process.execPath, args);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const measured = {
    build: 'relaxed',
    threads: 1,
    msPerStep: positive,
    tokensPerSecond: positive,
    residentBytes: positive,
  };
  const yardstick = { peakGflops: positive, percentOfPeak: positive };
  const pytorch = withTorch
    ? [
        {
          case: 'attention',
          library: expect.stringMatching(/^PyTorch .*, 1 thread$/) as string,
          work: 'train',
          msPerStep: positive,
          tokensPerSecond: positive,
        },
        {
          case: 'attention',
          build: 'relaxed',
          threads: 1,
          against: 'PyTorch',
          rounds: positive,
          medianRatio: positive,
        },
      ]
    : [];
  expect(withTorch ? lines : lines.slice(1)).toEqual([
    { case: 'attention', model: 'encoder-decoder', work: 'train', ...measured, ...yardstick },
    ...pytorch,
    { case: 'transformer-decode', model: 'transformer', work: 'decode', ...measured },
  ]);
});

test.each(['transformer', 'attention'])('every number of threads does the same work: %s', async (name) => {
  const contestants = await Promise.all([1, 2].map((threads) => startModel(modelCaseNamed(name), threads, 'best')));
  const [one, two] = contestants.map(({ ready }) => ready.losses);
  await Promise.all(contestants.map((contestant) => contestant.stop()));
  expect(one).toEqual(one?.toSorted((a, b) => b - a));
  expect(sameLosses(one ?? [], two ?? [])).toBe(true);
});

test.runIf(withTorch).each(MODEL_CASES.filter(({ work }) => work === 'train'))(
  'PyTorch does the same work: $name',
  async (modelCase) => {
    const contestants = await Promise.all([startModel(modelCase, 1, 'best'), startPyTorchModel(modelCase)!]);
    const [ours, theirs] = contestants.map(({ ready }) => ready.losses);
    await Promise.all(contestants.map((contestant) => contestant.stop()));
    expect(ours?.[0]).toBeCloseTo(Math.log(64), 0);
    expect(sameLosses(ours ?? [], theirs ?? [])).toBe(true);
  },
);

test.each(MODEL_CASES.filter(hasTensorFlowParts))('TensorFlow.js does the same work: $name', async (modelCase) => {
  const contestants = await Promise.all([startModel(modelCase, 1, 'best'), startTensorFlowModel(modelCase)]);
  const [ours, theirs] = contestants.map(({ ready }) => ready.losses);
  await Promise.all(contestants.map((contestant) => contestant.stop()));
  expect(ours?.[0]).toBeCloseTo(Math.log(64), 0);
  expect(sameLosses(ours ?? [], theirs ?? [])).toBe(true);
});

test('an unknown case is one sentence and exit status 2', async () => {
  const failed = run(process.execPath, ['test/bench/main.ts', '--case', 'b2']);
  await expect(failed).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^--case is "b2", and must be one of .*\.\n$/) as string,
  });
});

test.each(['layers', 'hand'] as const)('both do the same work: the first losses agree; %s', async (step) => {
  const benchCase = caseNamed('b1-t64-h32');
  const own = { input: 'dense', threads: 1, build: 'best' } as const;
  const contestants = await Promise.all([startUnrolled(benchCase, own), startTensorFlow(benchCase, step)]);
  const [ours, theirs] = contestants.map(({ ready }) => ready.losses);
  await Promise.all(contestants.map((contestant) => contestant.stop()));
  // 64 classes, weights near 0: the first loss is near ln 64 = 4.16, and every step lowers it.
  expect(ours?.[0]).toBeCloseTo(Math.log(64), 0);
  expect(ours).toEqual(ours?.toSorted((a, b) => b - a));
  expect(sameLosses(ours ?? [], theirs ?? [])).toBe(true);
});

test('a contestant that cannot start says why', async () => {
  const wrong = { name: 'b9', steps: 1, batch: 1, hidden: 1 };
  await expect(startTensorFlow(wrong, 'hand')).rejects.toThrow(
    /ended in the middle of the benchmark:[^]*--case is "b9"/,
  );
});
