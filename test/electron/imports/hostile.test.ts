/** Files that mean harm, or were harmed: a sentence each, and nothing else. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readBundle, writeBundle, type BundleContents } from '../../../electron/exports/bundle.ts';
import { openImport } from '../../../electron/imports/open-import.ts';
import { readImportFiles } from '../../../electron/imports/read-files.ts';
import { encodeHistoryFile } from '../../../electron/runs/history-file.ts';
import { NO_PROGRESS } from '../../../electron/runs/run-rows.ts';
import { FormatError, UnrolledError } from '../../../engine/errors.ts';
import { experimentToJson } from '../../../engine/experiment/schema.ts';
import { pytorchExport } from '../../../engine/exports/pytorch/pytorch.ts';
import { tfjsExport } from '../../../engine/exports/tfjs.ts';
import { writeCheckpoint } from '../../../engine/formats/checkpoint.ts';
import { crc32c } from '../../../engine/formats/checksum.ts';
import { readZip, writeZip } from '../../../engine/formats/zip.ts';
import { cardOf, randomModel } from '../../engine/exports/models.ts';
import { cases } from '../../property-cases.ts';
import { temporaryFolder } from '../folder.ts';

const model = randomModel('classification', { embeddingSize: 3 });
const card = cardOf(model);

const contents: BundleContents = {
  program: '0.0.0',
  run: {
    name: 'A run',
    note: '',
    state: 'stopped',
    failure: null,
    created: 1,
    task: model.experiment.task.id,
    experiment: experimentToJson(model.experiment),
    progress: { ...NO_PROGRESS, update: 10, totalUpdates: 10 },
    metric: null,
    best: null,
    threads: 1,
    build: 'relaxed',
    changes: [],
  },
  dataset: null,
  history: encodeHistoryFile([
    { update: 1, epoch: 0, loss: 1, gradientNorm: 1, learningRate: 1, tokensPerSecond: 1, seconds: 1 },
    { update: 2, epoch: 0, loss: 0.5, gradientNorm: 1, learningRate: 1, tokensPerSecond: 1, seconds: 1 },
  ]),
  health: [1, 2].map((update) => ({
    update,
    loss: 1,
    gradientNorm: 2.5,
    clipScale: 0.4,
    parameters: [{ name: 'recurrent.weight_hh_l0', gradientNorm: 2, weightNorm: 3, updateRatio: null }],
    saturation: [{ name: 'recurrent.l0.forget', low: 0.25, high: 0 }],
    radii: [{ name: 'recurrent.weight_hh_l0', gate: 'forget', spectralRadius: 0.9 }],
  })),
  evaluations: [{ update: 10, metrics: [{ name: 'accuracy', label: 'accuracy', value: 0.5, better: 'higher' }] }],
  samples: [],
  checkpoints: [
    {
      update: 10,
      saved: 5,
      pinned: true,
      bytes: writeCheckpoint({
        experiment: model.experiment,
        taskState: model.taskState,
        progress: {
          update: 10,
          position: { epoch: 0, batch: 0 },
          earlyStopping: { best: null, reference: null, waited: 0 },
          divergence: { firstLoss: null, exploded: 0 },
        },
        build: { core: 'relaxed', threads: 1 },
        model: model.weights,
        optimizer: new Map(),
        state: new Map(),
      }),
    },
  ],
  card: card.markdown,
};
const bundle = writeBundle(contents);
const [weights] = pytorchExport(model, card, {});
const [json, bin] = tfjsExport(model, card);

/** The bundle with other files in it; their checksums are right. */
function repacked(change: (files: Record<string, Uint8Array>) => void): Uint8Array {
  const files = unzipSync(bundle);
  change(files);
  const manifest = JSON.parse(new TextDecoder().decode(files['bundle.json'])) as {
    files: { name: string; bytes: number; crc32c: number }[];
  };
  manifest.files = Object.entries(files)
    .filter(([name]) => name !== 'bundle.json')
    .map(([name, bytes]) => ({ name, bytes: bytes.length, crc32c: crc32c(bytes) }));
  const { 'bundle.json': _before, ...others } = files;
  return zipSync({ 'bundle.json': new TextEncoder().encode(JSON.stringify(manifest)), ...others });
}

/** A record of health with other values in it. */
function line(values: object): string {
  return JSON.stringify({ ...contents.health[0], ...values });
}

const text = (value: string) => new TextEncoder().encode(value);

test('a bundle comes back as it was', () => {
  const { read, ...back } = readBundle(bundle, 'it');
  expect(back).toEqual(contents);
  expect(read[0]?.taskState).toEqual(model.taskState);
  expect(writeBundle(contents)).toEqual(bundle);
});

describe('a bundle is refused', () => {
  test.each(['../evil', '/etc/passwd', 'checkpoints/../../evil.safetensors', 'C:\\evil', 'run.exe', '__proto__'])(
    'with a file named %j in it',
    (name) => {
      const stand = 'x'.repeat(name.length);
      const bytes = repacked((files) => (files[stand] = text('y')));
      // The same length, put in by itself: no writer of zips takes every name.
      const named = Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(stand, name), 'latin1');
      expect(() => readBundle(named, 'it')).toThrow(FormatError);
      expect(() => readBundle(named, 'it')).toThrow(/does not belong there/u);
    },
  );

  test('where a file is missing, another or of another update', () => {
    const without = repacked((files) => delete files['samples.json']);
    expect(() => readBundle(without, 'it')).toThrow(/samples\.json\) is missing/u);
    const none = repacked((files) => delete files['checkpoints/0000000010.safetensors']);
    expect(() => readBundle(none, 'it')).toThrow(/checkpoint of update 10 is missing/u);
    const wrong = repacked((files) => (files['evaluations.json'] = text('[{"update": -1, "metrics": []}]')));
    expect(() => readBundle(wrong, 'it')).toThrow(/evaluations\.json/u);
  });

  test.each([
    ['no line of it is JSON', 'x', /record 1\), line 1/u],
    ['a line is no record', '[]', /record 1\): "update" is missing/u],
    ['a number is none', '{"update":1,"loss":1e999}', /beyond the largest/u],
    ['a share is more than all', line({ clipScale: 7 }), /"clipScale" is 7; it must be at most 1/u],
    ['a norm is negative', line({ gradientNorm: -1 }), /"gradientNorm" is -1; it must be at least 0/u],
    [
      'a name is endless',
      line({ radii: [{ name: 'n'.repeat(1e6), gate: null, spectralRadius: 1 }] }),
      /"radii\.0\.name" is .* at most 200 long/u,
    ],
    ['an update comes again', `${line({})}\n${line({})}\n`, /record 2\) is of update 1, after one of update 1/u],
    ['there are too many', '\n'.repeat(20_000), /20000 records; at most 10000/u],
    ['it is longer than any', ' '.repeat(70_000_000), /70000000 bytes; at most 67108864/u],
  ])('where in its health %s', (_, health, complaint) => {
    const bytes = repacked((files) => (files['health.jsonl'] = text(health)));
    expect(() => readBundle(bytes, 'it')).toThrow(FormatError);
    expect(() => readBundle(bytes, 'it')).toThrow(complaint);
  });

  test('that would unpack to more than there is room for, before it is unpacked', () => {
    const zeros = new Uint8Array(40_000_000);
    const bomb = zipSync({ 'model.safetensors': zeros });
    expect(bomb.length).toBeLessThan(100_000);
    const limits = { accepts: () => true, mostBytes: 1_000_000 };
    expect(() => readZip(bomb, 'it', limits)).toThrow(/would unpack to more than/u);
    // A size that lies: what deflate cannot have made.
    const lying = writeZip([{ name: 'history', bytes: new Uint8Array(1000) }]);
    const at = lying.findIndex((_, i) => lying[i] === 0x50 && lying[i + 1] === 0x4b && lying[i + 2] === 1);
    new DataView(lying.buffer).setUint32(at + 24, 0x7000_0000, true);
    expect(() => readZip(lying, 'it', { accepts: () => true, mostBytes: 4e9 })).toThrow(/which it cannot/u);
  });

  test('with thousands of files, or the same one twice', () => {
    const many = writeZip(Array.from({ length: 2500 }, (_, i) => ({ name: `${i}`, bytes: new Uint8Array() })));
    expect(() => readZip(many, 'it', { accepts: () => true, mostBytes: 1e9 })).toThrow(/more than 2000 files/u);
    const two = writeZip([
      { name: 'aa', bytes: text('1') },
      { name: 'ab', bytes: text('2') },
    ]);
    const named = two.map((byte, i) => (byte === 0x62 && two[i - 1] === 0x61 ? 0x61 : byte));
    expect(() => readZip(named, 'it', { accepts: () => true, mostBytes: 1e9 })).toThrow(/twice/u);
  });
});

const seeds = [
  [{ name: 'a.unrolled', bytes: bundle }],
  [{ name: 'a.safetensors', bytes: weights!.bytes }],
  [{ name: 'a.zip', bytes: writeZip([{ name: 'model.safetensors', bytes: weights!.bytes }]) }],
  [json!, bin!],
  [{ name: 'checkpoint.safetensors', bytes: contents.checkpoints[0]!.bytes }],
] as const;

property.prop(
  [
    fc.constantFrom(...seeds),
    fc.nat(1),
    fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), value: fc.nat(255) }), { maxLength: 6 }),
    fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  ],
  cases(400),
)('a file that is damaged anywhere is opened or refused in a sentence', (files, which, changes, cut) => {
  const damaged = files.map(({ name, bytes }, i) => {
    if (i !== which % files.length) return { name, bytes };
    const copy = bytes.slice(0, cut === null ? bytes.length : Math.floor(cut * bytes.length));
    // Half of the changes near the beginning, where headers are.
    for (const [k, { at, value }] of changes.entries()) {
      copy[Math.floor(at * (k % 2 === 0 ? copy.length : Math.min(copy.length, 600)))] = value;
    }
    return { name, bytes: copy };
  });
  expectSentence(() => openImport(damaged));
});

property.prop(
  [
    fc.constantFrom('bundle.json', 'history', 'health.jsonl', 'evaluations.json', 'samples.json'),
    fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), value: fc.nat(255) }), {
      minLength: 1,
      maxLength: 4,
    }),
  ],
  cases(200),
)('so is one whose checksums are right', (name, changes) => {
  const bytes = repackedOr(name, changes);
  if (bytes !== undefined) expectSentence(() => openImport([{ name: 'a.unrolled', bytes }]));
});

/** Undefined where the manifest is spoilt so far that no checksums can be put into it. */
function repackedOr(name: string, changes: readonly { at: number; value: number }[]): Uint8Array | undefined {
  try {
    return repacked((files) => {
      const inner = files[name]!;
      for (const { at, value } of changes) inner[Math.floor(at * inner.length)] = value;
    });
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function expectSentence(open: () => unknown): void {
  try {
    open();
  } catch (error) {
    expect(error).toBeInstanceOf(UnrolledError);
    expect((error as Error).message.length).toBeLessThan(1200);
  }
}

test('a folder is refused with the files in it that could be meant', () => {
  const folder = temporaryFolder();
  expect(() => readImportFiles(folder)).toThrow(
    expect.objectContaining({ hint: 'It holds none that could be imported.' }),
  );
  for (const name of ['model.json', 'weights.bin', 'other.safetensors']) writeFileSync(join(folder, name), '{}');
  expect(() => readImportFiles(folder)).toThrow(
    expect.objectContaining({
      message: `${folder} is a folder, and one file is imported`,
      hint: `Give the file: ${join(folder, 'model.json')} or ${join(folder, 'other.safetensors')}`,
    }),
  );
});
