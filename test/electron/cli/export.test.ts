/** `export` and `import`, from run to file and back. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../../engine/formats/checkpoint.ts';
import { writeSafetensors } from '../../../engine/formats/safetensors.ts';
import { readZip } from '../../../engine/formats/zip.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { openPair, translateGreedily } from '../../engine/exports/onnx-translator.ts';
import { pythonWith } from '../../python.ts';
import { temporaryFolder, tensorBytes, TINY, unrolledHere } from './unrolled.ts';

async function trained(...args: string[]): Promise<string> {
  const folder = temporaryFolder();
  const { status, stderr } = await unrolledHere([...(args.length > 0 ? args : TINY), '--out', 'run'], folder);
  expect(status, stderr).toBe(0);
  return folder;
}

const NAMES = ['train', '--task', 'names-gender', '--hidden', '6', '--updates', '4', '--threads', '1'] as const;

async function run(folder: string, ...args: string[]) {
  const { status, stdout, stderr } = await unrolledHere(args, folder);
  expect(status, stderr).toBe(0);
  return stdout;
}

async function refused(folder: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await unrolledHere(args, folder);
  expect(status).not.toBe(0);
  expect(stdout).toBe('');
  return stderr;
}

const INPUT = '[[0.5, 1], [0.25, 0], [0.9, 1]]';

describe('export', () => {
  test.each([
    ['onnx', 'out.onnx', undefined],
    ['html', 'out.html', undefined],
    ['safetensors', 'out', ['README.md', 'example.json', 'model.py', 'model.safetensors']],
    ['tfjs', 'out', ['README.md', 'model.json', 'weights.bin']],
    ['bundle', 'out.unrolled', undefined],
    ['tfjs', 'out.zip', undefined],
  ])('writes %s as %s, whole, and leaves nothing else', async (format, out, files) => {
    const folder = await trained();
    const before = readdirSync(folder);
    const told = JSON.parse(await run(folder, 'export', 'run', '--format', format, '--out', out, '--json')) as object;
    expect(told).toMatchObject({ format, out, update: 30 });
    expect(readdirSync(folder).sort()).toEqual([...before, out].sort());
    if (files) expect(readdirSync(join(folder, out)).sort()).toEqual(files);
    const again = await refused(folder, 'export', 'run', '--format', format, '--out', out);
    expect(again).toContain('already there');
  });

  test('prints a program that uses it', async () => {
    const folder = await trained(...NAMES);
    const text = await run(folder, 'export', 'run', '--format', 'onnx', '--out', 'a.onnx');
    expect(text).toContain(`ort.InferenceSession("a.onnx")`);
    expect(text).toContain('feeds["lengths"]');
  });

  test('takes the checkpoint that is asked for, and says which there are', async () => {
    const folder = await trained();
    await run(folder, 'export', 'run', '--format', 'safetensors', '--checkpoint', '30', '--out', 'a');
    expect(tensorBytes(join(folder, 'a/model.safetensors'))['head.weight']).toBe(
      tensorBytes(join(folder, 'run/checkpoint.safetensors'))['model.head.weight'],
    );
    const other = await refused(folder, 'export', 'run', '--format', 'onnx', '--checkpoint', '7', '--out', 'b');
    expect(other).toMatch(/no checkpoint of update 7; it has 30/u);
  });

  test('refuses what cannot be expressed, and writes nothing then', async () => {
    const folder = await trained(...TINY, '--cell', 'gru');
    expect(await refused(folder, 'export', 'run', '--format', 'tfjs', '--out', 'a')).toContain('reset gate');
    expect(await refused(folder, 'export', 'run', '--format', 'onnx', '--out', 'no/such/a.onnx')).toContain(
      'cannot be written',
    );
    expect(await refused(folder, 'export', 'run', '--format', 'onnx')).toContain('--out is missing');
    expect(readdirSync(folder)).toEqual(['run']);
  });

  test('refuses a transformer for TensorFlow.js with the reason', async () => {
    const small = ['--architecture', 'transformer', '--model-size', '8', '--heads', '2', '--layers', '1'];
    const folder = await trained('train', '--task', 'names-gender', ...small, '--updates', '2', '--threads', '1');
    expect(await refused(folder, 'export', 'run', '--format', 'tfjs', '--out', 'a')).toContain(
      'TensorFlow.js has no layers for the architecture "transformer"',
    );
    expect(readdirSync(folder)).toEqual(['run']);
  });

  test('replaces a file where it may, never a folder', async () => {
    const folder = await trained();
    writeFileSync(join(folder, 'a.onnx'), 'old');
    mkdirSync(join(folder, 'a'));
    await run(folder, 'export', 'run', '--format', 'onnx', '--out', 'a.onnx', '--overwrite');
    expect(readFileSync(join(folder, 'a.onnx'), 'latin1')).not.toBe('old');
    const kept = await refused(folder, 'export', 'run', '--format', 'tfjs', '--out', 'a', '--overwrite');
    expect(kept).toContain('a folder is not replaced');
  });
});

const REVERSAL = [
  ...['train', '--task', 'reversal', '--option', 'validationItems=20', '--option', 'longest=5', '--option', 'beyond=2'],
  ...['--updates', '20', '--evaluate-every', '20', '--threads', '1'],
];

test.each([
  ['encoder-decoder', '--hidden', '8'],
  ['transformer', '--layers', '1'],
])('a translator of the architecture "%s" becomes two ONNX files that translate as it does', async (...wanted) => {
  const [architecture, ...flags] = wanted;
  const folder = await trained(...REVERSAL, '--architecture', architecture, ...flags);
  const wrong = await refused(folder, 'export', 'run', '--format', 'onnx', '--out', 'a.onnx');
  expect(wrong).toContain('the name of one file');
  const text = await run(folder, 'export', 'run', '--format', 'onnx', '--out', 'a');
  expect(text).toContain('ort.InferenceSession("decoder.onnx")');
  const read = (name: string) => readFileSync(join(folder, 'a', name));
  expect(readdirSync(join(folder, 'a')).sort()).toEqual(['README.md', 'decoder.onnx', 'encoder.onnx']);
  expect(read('README.md').toString()).toContain('ort.InferenceSession("decoder.onnx")');
  await run(folder, 'export', 'run', '--format', 'onnx', '--out', 'a.zip');
  const packed = readZip(readFileSync(join(folder, 'a.zip')), 'a.zip', { accepts: () => true, mostBytes: 1e7 });
  expect(Buffer.from(packed.get('encoder.onnx')!)).toEqual(read('encoder.onnx'));

  const { taskState } = readCheckpoint(readFileSync(join(folder, 'run/checkpoint.safetensors')), 'it');
  const codec = restoreCodec(taskState);
  const pair = await openPair(read);
  for (const source of ['abc', 'jihgf', 'd']) {
    const told = JSON.parse(await run(folder, 'translate', 'run', '--source', source, '--length', '12', '--json')) as {
      target: string;
    };
    const written = await translateGreedily(pair, codec, codec.encode(source).tokens!, 12);
    const { end } = codec.boundaries!;
    expect(codec.target!.write(written.filter((label) => label !== end))).toBe(told.target);
  }
});

const python = pythonWith('torch');

test.runIf(python).each([
  [
    'names-gender',
    'train',
    '--task',
    'names-gender',
    '--architecture',
    'transformer',
    '--layers',
    '1',
    '--updates',
    '4',
  ],
  ['reversal', ...REVERSAL, '--architecture', 'encoder-decoder', '--hidden', '8'],
])('the Python file of %s, run by itself, gives the stored prediction', async (_name, ...flags) => {
  const folder = await trained(...flags);
  await run(folder, 'export', 'run', '--format', 'safetensors', '--out', 'a');
  const { status, stdout, stderr } = spawnSync(python!, [join(folder, 'a/model.py')], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^[0-9.]+e[+-][0-9]+ is the largest difference/u);
  expect(status).toBe(0);
});

test('predict and the exported model give the same answer for the same file', async () => {
  const folder = await trained(...NAMES);
  writeFileSync(join(folder, 'X.json'), '{"inputs": ["Ada", "Igor", "Marguerite"]}');
  const { outputs } = JSON.parse(await run(folder, 'predict', 'run', '--input', 'X.json')) as {
    outputs: { probabilities: Record<string, number> }[];
  };
  await run(folder, 'export', 'run', '--format', 'onnx', '--out', 'a.onnx');
  await run(folder, 'export', 'run', '--format', 'tfjs', '--out', 'tfjs');
  const { userDefinedMetadata } = JSON.parse(readFileSync(join(folder, 'tfjs/model.json'), 'utf8')) as {
    userDefinedMetadata: { task: { vocabulary: string[]; labels: string[] } };
  };
  const { vocabulary, labels } = userDefinedMetadata.task;
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(readFileSync(join(folder, 'a.onnx')));
  for (const [i, name] of ['Ada', 'Igor', 'Marguerite'].entries()) {
    const tokens = BigInt64Array.from(Array.from(name), (letter) => BigInt(vocabulary.indexOf(letter)));
    const { probabilities } = await session.run({
      tokens: new ort.Tensor('int64', tokens, [name.length, 1]),
      lengths: new ort.Tensor('int32', Int32Array.of(name.length), [1]),
    });
    const answer = probabilities!.data as Float32Array;
    labels.forEach((label, k) => expect(answer[k]).toBeCloseTo(outputs[i]!.probabilities[label]!, 5));
  }
  await session.release();
});

describe('import', () => {
  test('a bundle becomes the run that it was', async () => {
    const folder = await trained();
    await run(folder, 'export', 'run', '--format', 'bundle', '--out', 'a.unrolled');
    await run(folder, 'import', 'a.unrolled', '--out', 'back');
    for (const name of ['experiment.json', 'health.jsonl', 'checkpoint.safetensors', 'best.safetensors']) {
      expect(readFileSync(join(folder, 'back', name))).toEqual(readFileSync(join(folder, 'run', name)));
    }
    const history = (name: string) =>
      readFileSync(join(folder, name, 'history.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => {
          const { loss, gradientNorm, update, metrics, seconds } = JSON.parse(line) as Record<string, number>;
          return { update, metrics, seconds, loss: Math.fround(loss!), gradientNorm: Math.fround(gradientNorm!) };
        });
    expect(history('back')).toEqual(history('run'));
    const answer = await run(folder, 'predict', 'run', '--input', INPUT, '--json');
    expect(await run(folder, 'predict', 'back', '--input', INPUT, '--json')).toBe(answer);
    expect(await run(folder, 'evaluate', 'back', '--json')).toBe(
      (await run(folder, 'evaluate', 'run', '--json')).replaceAll('run/', 'back/'),
    );
  });

  test.each([
    ['encoder-decoder', 'encoder-decoder with additive attention, GRU, 1 layer of 8, bidirectional', '--hidden', '8'],
    ['transformer', 'transformer (encoder-decoder), 2 layers of 96, 4 heads', '--layers', '2'],
  ])('a bundle of the architecture "%s" translates as the run it was', async (...wanted) => {
    const [architecture, described, ...flags] = wanted;
    const folder = await trained(...REVERSAL, '--architecture', architecture, ...flags);
    await run(folder, 'export', 'run', '--format', 'bundle', '--out', 'a.unrolled');
    const told = JSON.parse(await run(folder, 'import', 'a.unrolled', '--out', 'back', '--json')) as object;
    expect(told).toMatchObject({ architecture: expect.stringContaining(described) as string });
    const bits = (name: string) => tensorBytes(join(folder, name, 'checkpoint.safetensors'), 'model.');
    expect(bits('back')).toEqual(bits('run'));
    const translate = (name: string) => run(folder, 'translate', name, '--source', 'abcd', '--beam', '3', '--json');
    const plain = async (name: string) => (await translate(name)).replaceAll(`${name}/`, '');
    expect(await plain('back')).toBe(await plain('run'));
    const why = await refused(folder, 'export', 'run', '--format', 'tfjs', '--out', 'other');
    expect(why).toContain(`"${architecture}"`);
    expect(why).toContain('A bundle holds the whole run.');
    expect(existsSync(join(folder, 'other'))).toBe(false);
  });

  test.each(['a', 'a.zip'])('what was exported for PyTorch as %s comes back bit for bit', async (out) => {
    const folder = await trained();
    await run(folder, 'export', 'run', '--format', 'safetensors', '--out', out);
    const file = out === 'a' ? 'a/model.safetensors' : out;
    const text = await run(folder, 'import', file, '--out', 'back');
    expect(text).toMatch(/head\.weight +\[1, 8\] +head\.weight/u);
    const bits = (name: string) => tensorBytes(join(folder, name, 'checkpoint.safetensors'), 'model.');
    expect(bits('back')).toEqual(bits('run'));
  });

  test('of a model from elsewhere it says as what it is opened, that its head is new, and no training that is not known', async () => {
    const folder = temporaryFolder();
    const tensor = (...shape: number[]) => ({
      shape,
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
    });
    const lstm = new Map([
      ['lstm.weight_ih_l0', tensor(16, 3)],
      ['lstm.weight_hh_l0', tensor(16, 4)],
      ['lstm.bias_ih_l0', tensor(16)],
      ['lstm.bias_hh_l0', tensor(16)],
    ]);
    writeFileSync(join(folder, 'a.safetensors'), writeSafetensors(lstm));
    const told = await run(folder, 'import', 'a.safetensors', '--out', 'run');
    expect(told).toContain('head is not in the file: random numbers, until it is trained');
    expect(told).toContain('opened as ');
    const said = await run(folder, 'import', 'a.safetensors', '--kind', 'classification', '--out', 'said');
    expect(said).not.toContain('opened as ');
    await run(folder, 'export', 'run', '--format', 'safetensors', '--out', 'a');
    const card = readFileSync(join(folder, 'a/README.md'), 'utf8');
    expect(card).toContain('Trained elsewhere');
    expect(card).not.toContain('Trained for');
    await run(folder, 'import', 'a/model.safetensors', '--out', 'own');
    expect(await run(folder, 'import', 'a/model.safetensors', '--out', 'again')).not.toContain('opened as ');
  });

  test('an imported model trains further on its task', async () => {
    const folder = await trained();
    await run(folder, 'export', 'run', '--format', 'tfjs', '--out', 'a');
    await run(folder, 'import', 'a/model.json', '--out', 'back');
    await run(folder, 'train', '--resume', 'back', '--threads', '1', '--json');
    const inspected = JSON.parse(await run(folder, 'inspect', 'back', '--json')) as { progress: { update: number } };
    expect(inspected.progress.update).toBe(30);
  });

  test('without --out it finds a free name under runs', async () => {
    const folder = await trained();
    await run(folder, 'export', 'run', '--format', 'bundle', '--out', 'my run.unrolled');
    for (let i = 0; i < 2; i++) await run(folder, 'import', 'my run.unrolled');
    expect(readdirSync(join(folder, 'runs')).sort()).toEqual(['my-run', 'my-run-2']);
  });

  test('says what is wrong with a file, and makes no run', async () => {
    const folder = await trained();
    writeFileSync(join(folder, 'a.safetensors'), 'nothing of the kind');
    expect(await refused(folder, 'import', 'a.safetensors', '--out', 'back')).toContain('safetensors');
    writeFileSync(join(folder, 'model.json'), '{"modelTopology": 1}');
    expect(await refused(folder, 'import', 'model.json', '--out', 'back')).toContain('LayersModel');
    expect(await refused(folder, 'import', 'missing.unrolled', '--out', 'back')).toContain('cannot be read');
    expect(existsSync(join(folder, 'back'))).toBe(false);
  });
});
