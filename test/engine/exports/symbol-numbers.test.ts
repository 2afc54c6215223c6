/** Snippets never take a symbol that the model does not know for another: in every language, as they are printed. */
import { spawnSync } from 'node:child_process';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { exampleOf } from '../../../engine/exports/example.ts';
import { portableTask } from '../../../engine/exports/portable-task.ts';
import { snippetsFor } from '../../../engine/exports/snippets.ts';
import { javaScriptNumberOf } from '../../../engine/exports/symbol-numbers.ts';
import type { AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { whyNot } from '../../../engine/exports/formats.ts';
import { translationCodec } from '../../../engine/tasks/translation-codec.ts';
import { pythonWith } from '../../python.ts';
import { KINDS, randomModel, randomTransformer, randomTranslator, TRANSFORMERS } from './models.ts';

const MODELS: readonly AnyTrainedModel[] = [
  ...KINDS.map(([, family, choice]) => randomModel(family, choice)),
  ...TRANSFORMERS.map(([, family, choice]) => randomTransformer(family, choice)),
  randomTranslator({ attention: 'additive', attentionSize: 4 }),
  randomTranslator({ architecture: 'transformer' }),
].filter(({ spec }) => spec.input.kind === 'tokens');

const words = (() => {
  const model = randomTranslator({ attention: 'none' });
  const taskState = { ...model.taskState, separators: { source: ' ', target: ' ' } };
  return { ...model, taskState, codec: translationCodec(taskState) };
})();

const numbersIn = (model: AnyTrainedModel, symbols: readonly string[]) => {
  const vocabulary = JSON.stringify(portableTask(model)['vocabulary']);
  const code = [`const vocabulary = ${vocabulary};`, ...javaScriptNumberOf(model), 'symbols.map(numberOf)'].join('\n');
  return runInNewContext(code, { symbols }) as number[];
};

describe('in JavaScript', () => {
  test('a symbol that is not in the vocabulary is refused', () => {
    for (const model of MODELS) {
      const { symbols, encoded } = exampleOf(model);
      const own = model.codec.kind === 'generation' ? ['<start>', ...symbols] : symbols;
      expect([...numbersIn(model, own)]).toEqual([...encoded.tokens!]);
      expect(() => numbersIn(model, [...symbols, 'é'])).toThrow(/"é" is not in the vocabulary/u);
    }
  });

  test('every snippet asks so', () => {
    for (const model of MODELS) {
      for (const format of ['onnx', 'tfjs'] as const) {
        if (whyNot(model, format) !== undefined) continue;
        const { code } = snippetsFor(model, format).find(({ language }) => language === 'javascript')!;
        expect(code).toContain(javaScriptNumberOf(model).join('\n'));
        expect(code.match(/vocabulary\.indexOf/gu)).toHaveLength(1);
      }
    }
  });
});

test('a model of words reads an unknown word as its unknown symbol, in the engine and in JavaScript', () => {
  expect([...words.codec.encode('a zebra').tokens!]).toEqual([1, 0]);
  expect([...numbersIn(words, ['a', 'zebra'])]).toEqual([1, 0]);
  expect(() => randomTranslator({ attention: 'none' }).codec.encode('az')).toThrow(/"z"/u);
});

const python = pythonWith('numpy');
if (python === undefined) console.warn('No Python here has numpy: the beginnings of its snippets are not run');

/** Runs snippets with programs in place of onnxruntime and torch that stop where the model would be asked. */
const DRIVER = `
import contextlib, io, json, sys, types
import numpy as np
class Stop(Exception): pass
given = json.load(sys.stdin)
results = []
for one in given:
    compile(one["code"], "snippet.py", "exec")
    seen = {}
    class Session:
        def __init__(self, path): pass
        def get_modelmeta(self): return types.SimpleNamespace(custom_metadata_map=one["task"])
        def get_outputs(self): return []
        def run(self, names, feeds):
            seen.update(feeds)
            raise Stop()
    sys.modules["onnxruntime"] = types.SimpleNamespace(InferenceSession=Session)
    try:
        exec(one["code"], {})
    except Stop:
        tokens = seen.get("source_tokens", seen.get("tokens"))
        results.append(tokens.flatten().tolist())
    except ValueError as error:
        results.append(str(error))
print(json.dumps(results))
`;

test.runIf(python)('in Python for onnxruntime the symbols become their numbers, and unknown ones are refused', () => {
  const all = [...MODELS, words];
  const given = all.flatMap((model) => {
    const { code } = snippetsFor(model, 'onnx').find(({ language }) => language === 'python')!;
    const texts = Object.entries(portableTask(model)).map(([name, value]) => [name, JSON.stringify(value)] as const);
    const task = Object.fromEntries(texts);
    return [
      { code, task },
      { code: code.replace(/^symbols = \[/mu, 'symbols = ["é", '), task },
    ];
  });
  const { status, stdout, stderr } = spawnSync(python!, ['-c', DRIVER], {
    input: JSON.stringify(given),
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  const results = JSON.parse(stdout) as (number[] | string)[];
  all.forEach((model, i) => {
    const tokens = [...exampleOf(model).encoded.tokens!];
    expect(results[2 * i]).toEqual(tokens);
    expect(results[2 * i + 1]).toEqual(model === words ? [0, ...tokens] : "'é' is not in the vocabulary of this model");
  });
});
