/** Every exporter with the import: what goes out comes back bit for bit, or is refused with the reason. */
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { openImport, type ImportedFile } from '../../../electron/imports/open-import.ts';
import { UnrolledError } from '../../../engine/errors.ts';
import { EXPORT_FORMATS, whyNot, type ExportFormat } from '../../../engine/exports/formats.ts';
import { htmlExport } from '../../../engine/exports/html.ts';
import { onnxExport } from '../../../engine/exports/onnx/onnx.ts';
import { pytorchExport } from '../../../engine/exports/pytorch/pytorch.ts';
import { tfjsExport } from '../../../engine/exports/tfjs.ts';
import { recurrentOnly, type AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { writeZip } from '../../../engine/formats/zip.ts';
import { assembleImport } from '../../../engine/imports/assemble.ts';
import {
  cardOf,
  KINDS,
  randomModel,
  randomTransformer,
  randomTranslator,
  TRANSFORMERS,
  TRANSLATORS,
} from '../../engine/exports/models.ts';
import { cases } from '../../property-cases.ts';
import { bundleOf } from './bundle-of.ts';

const MODELS: readonly (readonly [string, () => AnyTrainedModel])[] = [
  ...KINDS.map(([name, family, choice]) => [name, () => randomModel(family, choice)] as const),
  ...TRANSFORMERS.map(
    ([name, family, choice]) => [`transformer: ${name}`, () => randomTransformer(family, choice)] as const,
  ),
  ...TRANSLATORS.map(([name, choice]) => [`translator: ${name}`, () => randomTranslator(choice)] as const),
];

function exported(model: AnyTrainedModel, format: ExportFormat): readonly ImportedFile[] {
  const card = cardOf(model);
  switch (format) {
    case 'onnx':
      return onnxExport(model, card);
    case 'safetensors':
      return pytorchExport(model, card, {}).filter(({ name }) => name.endsWith('.safetensors'));
    case 'tfjs':
      return tfjsExport(recurrentOnly(model), card).filter(({ name }) => !name.endsWith('.md'));
    case 'html': {
      const parts = {
        script: '',
        style: '',
        licenses: '',
        cores: { relaxed: new Uint8Array(8), baseline: new Uint8Array(8) },
      };
      return [{ name: 'model.html', bytes: htmlExport(model, card, parts, []) }];
    }
    case 'bundle':
      return [{ name: 'a.unrolled', bytes: bundleOf(model) }];
  }
}

function weightsFrom(files: readonly ImportedFile[]) {
  const opened = openImport(files);
  switch (opened.kind) {
    case 'bundle':
      return opened.bundle.read.at(-1)!;
    case 'checkpoint':
      return opened.checkpoint;
    case 'model':
      return assembleImport(opened.found, {}, opened.name);
  }
}

/** Bits of every weight; TensorFlow.js has the sum of two biases where there are two here. */
function bits(tensors: AnyTrainedModel['weights'], sumsBiases: boolean) {
  return [...tensors]
    .map(([name, { shape, data }]) => {
      const other = /bias_(ih|hh)/u.exec(name)?.[1];
      if (!sumsBiases || other === undefined) return [name, [...shape], [...new Uint32Array(data.slice().buffer)]];
      const twin = tensors.get(name.replace('bias_ih', 'bias_hh'))!.data;
      const values = data.map((value, i) => (other === 'ih' ? value + twin[i]! : 0));
      return [name, [...shape], [...new Uint32Array(values.buffer)]];
    })
    .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1));
}

describe.each(EXPORT_FORMATS)('an export as %s', (format) => {
  test.each(MODELS)('opens as the same model, or says why it cannot: %s', (_name, make) => {
    const model = make();
    if (whyNot(model, format) !== undefined) {
      expect(format).toBe('tfjs');
      return;
    }
    const files = exported(model, format);
    if (format === 'html') {
      expect(() => openImport(files)).toThrow(/page of the format "html", which runs its model but is not read back/u);
      return;
    }
    for (const way of format === 'bundle' ? [files] : [files, [...files].reverse(), zipped(files)]) {
      const back = weightsFrom(way);
      expect(back.experiment).toEqual(model.experiment);
      expect(back.taskState).toEqual(model.taskState);
      expect(bits(back.model, format === 'tfjs')).toEqual(bits(model.weights, format === 'tfjs'));
    }
  });
});

const zipped = (files: readonly ImportedFile[]) => [
  { name: 'a.zip', bytes: writeZip(files.map(({ name, bytes }) => ({ name, bytes, stored: true }))) },
];

describe('an ONNX export is refused', () => {
  const [model] = [randomTranslator({ attention: 'additive', attentionSize: 6 })];
  const [encoder, decoder] = onnxExport(model, cardOf(model));

  test('without its other half', () => {
    expect(() => openImport([encoder!])).toThrow(/one of two files; bring encoder\.onnx and decoder\.onnx together/u);
  });

  test('with the half of another model', () => {
    const other = onnxExport(randomTranslator({ attention: 'dot' }), cardOf(model))[1]!;
    expect(() => openImport([encoder!, other])).toThrow(/was changed|bring/u);
  });

  test('with an operator in place of another, which it names', () => {
    const bytes = Uint8Array.from(
      Buffer.from(Buffer.from(decoder!.bytes).toString('latin1').replaceAll('Tanh', 'Sinh'), 'latin1'),
    );
    expect(() => openImport([encoder!, { ...decoder!, bytes }])).toThrow(
      /was changed after it was exported: operator \d+ is Sinh, and was Tanh/u,
    );
  });

  test('with a weight that is no number', () => {
    const one = randomModel('classification');
    one.weights.get('head.weight')!.data[3] = NaN;
    expect(() => openImport(onnxExport(one, cardOf(one)))).toThrow(/tensor "head\.weight" has NaN at index \[0, 3\]/u);
  });

  test('from another program by its operators', () => {
    const one = randomModel('classification');
    const text = Buffer.from(onnxExport(one, cardOf(one))[0]!.bytes).toString('latin1');
    const bytes = Buffer.from(text.replaceAll('experiment', 'experimant').replaceAll('MatMul', 'Conv2D'), 'latin1');
    expect(() => openImport([{ name: 'model.onnx', bytes }])).toThrow(
      /ONNX model of Unrolled: it has operators that no model here has \(Conv2D\)/u,
    );
  });
});

const whole = onnxExport(randomModel('tagging', { embeddingSize: 3 }), cardOf(randomModel('tagging')))[0]!;
property.prop(
  [fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { minLength: 1, maxLength: 5 }), fc.option(fc.nat())],
  cases(300),
)('a damaged ONNX file is read or refused in a sentence, never more', (changes, cut) => {
  const bytes = whole.bytes.slice(0, cut === null ? whole.bytes.length : cut % whole.bytes.length);
  for (const { at, value } of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
  try {
    weightsFrom([{ name: 'model.onnx', bytes }]);
  } catch (error) {
    expect(error).toBeInstanceOf(UnrolledError);
    expect((error as Error).message.length).toBeLessThan(1200);
  }
});
