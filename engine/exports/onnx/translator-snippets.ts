/** Programs that translate greedily by the two ONNX files of a translator; they run as they stand. */
import { longestTarget } from '../../models/translator.ts';
import { exampleOf } from '../example.ts';
import { lines } from '../files.ts';
import { portableTask } from '../portable-task.ts';
import { javaScriptNumberOf, pythonNumberOf } from '../symbol-numbers.ts';
import type { Snippet } from '../snippets.ts';
import type { AnyTrainedModel } from '../trained-model.ts';

interface Wiring {
  /** What the encoder gives that goes into the decoder with every symbol. */
  readonly kept: readonly string[];
  /** The decoder's state: what it takes, and what it gives back. */
  readonly states: readonly (readonly [string, string])[];
  /** Of a state that the encoder does not give: nothing has been written. */
  readonly empty: readonly number[] | undefined;
  /** Whether the decoder looks at the source. */
  readonly looks: boolean;
}

function wiringOf({ spec }: AnyTrainedModel): Wiring {
  if (spec.architecture === 'recurrent') throw new TypeError('A model of equal lengths cannot translate.');
  if (spec.architecture === 'transformer') {
    return {
      kept: ['memory_keys', 'memory_values'],
      states: [
        ['past_keys', 'present_keys'],
        ['past_values', 'present_values'],
      ],
      empty: [spec.layers, 1, spec.heads, 0, spec.modelSize / spec.heads],
      looks: true,
    };
  }
  const { attention, cell } = spec;
  const projects = attention === 'additive' || attention === 'general';
  return {
    kept: [...(attention === 'none' ? [] : ['memory']), ...(projects ? ['memory_keys'] : [])],
    states: [['h0', 'hn'], ...(cell === 'lstm' ? ([['c0', 'cn']] as const) : [])],
    empty: undefined,
    looks: attention !== 'none',
  };
}

export function translatorSnippets(model: AnyTrainedModel): readonly Snippet[] {
  return [
    { title: 'Python, onnxruntime', language: 'python', code: python(model) },
    { title: 'JavaScript, onnxruntime-web', language: 'javascript', code: javaScript(model) },
  ];
}

function python(model: AnyTrainedModel): string {
  const { kept, states, empty, looks } = wiringOf(model);
  const taken = [...kept, ...(empty ? [] : states.map(([name]) => name))];
  return lines(
    'import json',
    '',
    'import numpy as np',
    'import onnxruntime as ort',
    '',
    'encoder = ort.InferenceSession("encoder.onnx")',
    'decoder = ort.InferenceSession("decoder.onnx")',
    'task = decoder.get_modelmeta().custom_metadata_map',
    'vocabulary = json.loads(task["vocabulary"])',
    'labels = json.loads(task["labels"])',
    'boundaries = json.loads(task["boundaries"])',
    '# Labels that are never written.',
    'excluded = json.loads(task["excluded"])',
    '',
    ...pythonNumberOf(model),
    '',
    `symbols = ${pythonList(exampleOf(model).symbols)}`,
    '# [source_time, batch]: the number of each symbol in the vocabulary.',
    'source = np.array([[number_of(symbol)] for symbol in symbols], dtype=np.int64)',
    'lengths = np.array([len(symbols)], dtype=np.int32)',
    `names = ${pythonList(taken)}`,
    'read = encoder.run(names, {"source_tokens": source, "source_lengths": lengths})',
    'feeds = dict(zip(names, read))',
    ...(looks ? ['feeds["source_lengths"] = lengths'] : []),
    ...(empty
      ? [
          '# Nothing is written yet: keys and values of 0 symbols.',
          ...states.map(([name]) => `feeds["${name}"] = np.zeros((${empty.join(', ')}), dtype=np.float32)`),
        ]
      : []),
    '',
    `outputs = ${pythonList(['probabilities', ...states.map(([, name]) => name)])}`,
    'token = boundaries["start"]',
    'written = []',
    `for _ in range(${longestTarget(model.experiment)}):`,
    '    feeds["tokens"] = np.array([[token]], dtype=np.int64)',
    `    probabilities, ${states.map(([name]) => `feeds["${name}"]`).join(', ')} = decoder.run(outputs, feeds)`,
    '    answer = probabilities[-1, 0]',
    '    answer[excluded] = 0',
    '    token = int(answer.argmax())',
    '    if token == boundaries["end"]:',
    '        break',
    '    written.append({"symbol": labels[token], "probability": float(answer[token])})',
    'separator = json.loads(task["separators"])["target"]',
    'target = separator.join(one["symbol"] for one in written)',
    'print(json.dumps({"target": target, "symbols": written}))',
  );
}

function javaScript(model: AnyTrainedModel): string {
  const { kept, states, empty, looks } = wiringOf(model);
  const { vocabulary, labels, boundaries, excluded, separators } = portableTask(model);
  const { target: separator } = separators as { readonly target: string };
  const taken = [...kept, ...(empty ? [] : states.map(([name]) => name))];
  return lines(
    "import * as ort from 'onnxruntime-web';",
    '',
    `const vocabulary = ${JSON.stringify(vocabulary)};`,
    `const labels = ${JSON.stringify(labels)};`,
    `const boundaries = ${JSON.stringify(boundaries)};`,
    '// Labels that are never written.',
    `const excluded = ${JSON.stringify(excluded)};`,
    "const encoder = await ort.InferenceSession.create('encoder.onnx');",
    "const decoder = await ort.InferenceSession.create('decoder.onnx');",
    '',
    ...javaScriptNumberOf(model),
    `const symbols = ${JSON.stringify(exampleOf(model).symbols)};`,
    '// [source_time, batch]: the number of each symbol in the vocabulary.',
    'const numbers = BigInt64Array.from(symbols, (symbol) => BigInt(numberOf(symbol)));',
    "const source_tokens = new ort.Tensor('int64', numbers, [symbols.length, 1]);",
    "const source_lengths = new ort.Tensor('int32', Int32Array.of(symbols.length), [1]);",
    `const { ${taken.join(', ')} } = await encoder.run({ source_tokens, source_lengths });`,
    `const feeds = { ${[...taken, ...(looks ? ['source_lengths'] : [])].join(', ')} };`,
    ...(empty
      ? [
          '// Nothing is written yet: keys and values of 0 symbols.',
          ...states.map(
            ([name]) => `feeds.${name} = new ort.Tensor('float32', new Float32Array(0), [${empty.join(', ')}]);`,
          ),
        ]
      : []),
    '',
    'let token = boundaries.start;',
    'const written = [];',
    `for (let step = 0; step < ${longestTarget(model.experiment)}; step++) {`,
    "  feeds.tokens = new ort.Tensor('int64', BigInt64Array.of(BigInt(token)), [1, 1]);",
    '  const results = await decoder.run(feeds);',
    ...states.map(([from, to]) => `  feeds.${from} = results.${to};`),
    '  const answer = results.probabilities.data.slice(-labels.length);',
    '  for (const label of excluded) answer[label] = 0;',
    '  token = answer.indexOf(Math.max(...answer));',
    '  if (token === boundaries.end) break;',
    '  written.push({ symbol: labels[token], probability: answer[token] });',
    '}',
    `const target = written.map(({ symbol }) => symbol).join(${JSON.stringify(separator)});`,
    'console.log(JSON.stringify({ target, symbols: written }));',
  );
}

function pythonList(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(', ')}]`;
}
