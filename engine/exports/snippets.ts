/** Programs that use an export, with the model's own names and shapes in them; they run as they stand. */
import type { Card } from './card.ts';
import { exampleOf } from './example.ts';
import { lines } from './files.ts';
import type { ExportFormat } from './formats.ts';
import { translatorSnippets } from './onnx/translator-snippets.ts';
import { portableTask } from './portable-task.ts';
import { javaScriptNumberOf, pythonNumberOf } from './symbol-numbers.ts';
import { goesOnFromState, recurrentOnly, type AnyTrainedModel, type TrainedModel } from './trained-model.ts';

export interface Snippet {
  /** What it needs: "Python, onnxruntime". */
  readonly title: string;
  readonly language: 'python' | 'javascript';
  readonly code: string;
}

/** Symbols of which the probabilities are printed. */
const SHOWN = 5;

/** `file`: what the one file of the export is called. */
export function snippetsFor(model: AnyTrainedModel, format: ExportFormat, file = 'model.onnx'): readonly Snippet[] {
  switch (format) {
    case 'onnx':
      if (model.codec.kind === 'translation') return translatorSnippets(model);
      return [
        { title: 'Python, onnxruntime', language: 'python', code: onnxPython(model, file) },
        { title: 'JavaScript, onnxruntime-web', language: 'javascript', code: onnxJavaScript(model, file) },
      ];
    case 'safetensors':
      return [{ title: 'Python, PyTorch', language: 'python', code: pytorch(model) }];
    case 'tfjs':
      return [{ title: 'JavaScript, TensorFlow.js', language: 'javascript', code: tensorflow(recurrentOnly(model)) }];
    case 'html':
    case 'bundle':
      return [];
  }
}

interface Facts {
  readonly steps: number;
  /** Of the input's numbers; 0 for symbols. */
  readonly width: number;
  readonly symbols: string;
  readonly label: string | undefined;
  readonly layers: number;
  readonly hidden: number;
  readonly lstm: boolean;
  readonly states: boolean;
  readonly perStep: boolean;
  readonly labels: boolean;
  readonly hasLengths: boolean;
  readonly names: string;
  readonly normaliser: string | undefined;
}

function factsOf(model: AnyTrainedModel): Facts {
  const { spec, codec } = model;
  const { encoded, symbols, label } = exampleOf(model);
  const { normaliser } = portableTask(model) as { normaliser?: { mean: number; deviation: number } };
  return {
    steps: encoded.steps,
    width: spec.input.kind === 'values' ? spec.input.width : 0,
    symbols: JSON.stringify(codec.kind === 'generation' ? ['<start>', ...symbols] : symbols),
    label: label === undefined ? undefined : JSON.stringify(label),
    layers: spec.layers,
    hidden: spec.architecture === 'transformer' ? 0 : spec.hiddenSize,
    lstm: spec.architecture !== 'transformer' && spec.cell === 'lstm',
    states: goesOnFromState(model),
    perStep: spec.output.per === 'step',
    labels: spec.output.kind === 'labels',
    hasLengths:
      spec.architecture === 'transformer'
        ? spec.form === 'encoder'
        : spec.output.per === 'sequence' || spec.bidirectional,
    names: codec.input.kind === 'values' ? listed(codec.input.names) : '',
    normaliser: normaliser && `number = output * ${normaliser.deviation} + ${normaliser.mean}`,
  };
}

function onnxPython(model: AnyTrainedModel, file: string): string {
  const { steps, width, symbols, label, layers, hidden, lstm, states, perStep, labels, hasLengths, names, normaliser } =
    factsOf(model);
  const output = labels ? 'probabilities' : 'outputs';
  return lines(
    'import json',
    '',
    'import numpy as np',
    'import onnxruntime as ort',
    '',
    `session = ort.InferenceSession(${JSON.stringify(file)})`,
    'task = session.get_modelmeta().custom_metadata_map',
    ...(labels ? ['labels = json.loads(task["labels"])'] : []),
    'feeds = {}',
    ...(width > 0
      ? [
          `# [time, batch, ${width}]: ${names}. Put your own numbers here${normaliser ? ', normalised' : ''}.`,
          `values = np.sin(np.arange(${steps * width})).reshape(${steps}, 1, ${width})`,
          'feeds["values"] = values.astype(np.float32)',
        ]
      : [
          'vocabulary = json.loads(task["vocabulary"])',
          '',
          ...pythonNumberOf(model),
          '',
          `symbols = ${symbols}`,
          '# [time, batch]: the number of each symbol in the vocabulary.',
          'feeds["tokens"] = np.array([[number_of(symbol)] for symbol in symbols], dtype=np.int64)',
        ]),
    ...(hasLengths ? [`feeds["lengths"] = np.array([len(${width > 0 ? 'values' : 'symbols'})], dtype=np.int32)`] : []),
    ...(label === undefined
      ? []
      : [
          '# The label to grow from; -1 to go on from h0' + (lstm ? ' and c0.' : '.'),
          `feeds["label"] = np.array([json.loads(task["conditions"]).index(${label})], dtype=np.int64)`,
        ]),
    ...(states
      ? [
          `# To go on from here, give back hn${lstm ? ' and cn' : ''} as h0${lstm ? ' and c0' : ''}.`,
          ...(lstm ? ['h0', 'c0'] : ['h0']).map(
            (name) => `feeds["${name}"] = np.zeros((${layers}, 1, ${hidden}), dtype=np.float32)`,
          ),
        ]
      : []),
    '',
    'names = [output.name for output in session.get_outputs()]',
    'results = dict(zip(names, session.run(names, feeds)))',
    `answer = results["${output}"]${perStep ? '[-1, 0]' : '[0]'}`,
    ...pythonPrint(labels, normaliser),
  );
}

function pythonPrint(labels: boolean, normaliser: string | undefined): readonly string[] {
  return labels
    ? [
        `best = sorted(range(len(labels)), key=lambda i: -answer[i])[:${SHOWN}]`,
        'print(json.dumps({labels[i]: float(answer[i]) for i in best}))',
      ]
    : [
        ...(normaliser ? [`# Normalised: ${normaliser}`] : []),
        'print(json.dumps([float(number) for number in answer]))',
      ];
}

function onnxJavaScript(model: AnyTrainedModel, file: string): string {
  const { steps, width, symbols, label, layers, hidden, lstm, states, perStep, labels, hasLengths, names, normaliser } =
    factsOf(model);
  const { vocabulary, labels: labelNames, conditions } = portableTask(model);
  const output = labels ? 'probabilities' : 'outputs';
  return lines(
    "import * as ort from 'onnxruntime-web';",
    '',
    ...(width > 0 ? [] : [`const vocabulary = ${JSON.stringify(vocabulary)};`]),
    ...(labels
      ? [
          JSON.stringify(labelNames) === JSON.stringify(vocabulary)
            ? 'const labels = vocabulary;'
            : `const labels = ${JSON.stringify(labelNames)};`,
        ]
      : []),
    `const session = await ort.InferenceSession.create(${JSON.stringify(file)});`,
    ...(width > 0
      ? [
          `// [time, batch, ${width}]: ${names}. Put your own numbers here${normaliser ? ', normalised' : ''}.`,
          `const values = Float32Array.from({ length: ${steps * width} }, (_, i) => Math.sin(i));`,
          `const feeds = { values: new ort.Tensor('float32', values, [${steps}, 1, ${width}]) };`,
        ]
      : [
          ...javaScriptNumberOf(model),
          `const symbols = ${symbols};`,
          '// [time, batch]: the number of each symbol in the vocabulary.',
          'const tokens = BigInt64Array.from(symbols, (symbol) => BigInt(numberOf(symbol)));',
          "const feeds = { tokens: new ort.Tensor('int64', tokens, [symbols.length, 1]) };",
        ]),
    ...(hasLengths
      ? [`feeds.lengths = new ort.Tensor('int32', Int32Array.of(${width > 0 ? steps : 'symbols.length'}), [1]);`]
      : []),
    ...(label === undefined
      ? []
      : [
          `// The label to grow from; -1 to go on from h0${lstm ? ' and c0' : ''}.`,
          `const conditions = ${JSON.stringify(conditions)};`,
          `feeds.label = new ort.Tensor('int64', BigInt64Array.of(BigInt(conditions.indexOf(${label}))), [1]);`,
        ]),
    ...(states
      ? [
          `// To go on from here, give back hn${lstm ? ' and cn' : ''} as h0${lstm ? ' and c0' : ''}.`,
          ...(lstm ? ['h0', 'c0'] : ['h0']).map(
            (name) =>
              `feeds.${name} = new ort.Tensor('float32', new Float32Array(${layers * hidden}), [${layers}, 1, ${hidden}]);`,
          ),
        ]
      : []),
    '',
    `const { ${output} } = await session.run(feeds);`,
    ...(labels
      ? [`const answer = ${output}.data.slice(${perStep ? '-labels.length' : '0, labels.length'});`]
      : [`const answer = ${output}.data;`]),
    ...javaScriptPrint(labels, normaliser),
  );
}

function javaScriptPrint(labels: boolean, normaliser: string | undefined): readonly string[] {
  return labels
    ? [
        `const best = labels.map((_, i) => i).sort((a, b) => answer[b] - answer[a]).slice(0, ${SHOWN});`,
        'console.log(JSON.stringify(Object.fromEntries(best.map((i) => [labels[i], answer[i]]))));',
      ]
    : [...(normaliser ? [`// Normalised: ${normaliser}`] : []), 'console.log(JSON.stringify(Array.from(answer)));'];
}

function pytorch(model: AnyTrainedModel): string {
  if (model.codec.kind === 'translation') return pytorchTranslation(model);
  const { steps, width, symbols, label, perStep, labels, names, normaliser, states, lstm } = factsOf(model);
  return lines(
    'import json',
    '',
    'import torch',
    '',
    'from model import load',
    '',
    'model, metadata = load()',
    'task = metadata["task"]',
    ...(labels ? ['labels = task["labels"]'] : []),
    ...(width > 0
      ? [
          `# [time, batch, ${width}]: ${names}. Put your own numbers here${normaliser ? ', normalised' : ''}.`,
          `x = torch.arange(${steps * width}).double().sin().reshape(${steps}, 1, ${width}).float()`,
        ]
      : [
          'vocabulary = task["vocabulary"]',
          '',
          ...pythonNumberOf(model),
          '',
          `symbols = ${symbols}`,
          '# [time, batch]: the number of each symbol in the vocabulary.',
          'x = torch.tensor([[number_of(symbol)] for symbol in symbols])',
        ]),
    'with torch.no_grad():',
    label === undefined
      ? `    ${states ? 'y, state' : 'y'} = model(x)`
      : `    y, state = model(x, label=torch.tensor([task["conditions"].index(${label})]))`,
    ...(states
      ? [`# To go on from here: model(next_tokens, state=state), ${lstm ? 'h and c' : 'h'} of every layer.`]
      : []),
    `answer = y${perStep ? '[-1, 0]' : '[0]'}${labels ? '.softmax(-1)' : ''}`,
    ...pythonPrint(labels, normaliser),
  );
}

function pytorchTranslation(model: AnyTrainedModel): string {
  const { symbols } = factsOf(model);
  return lines(
    'import json',
    '',
    'import torch',
    '',
    'from model import load',
    '',
    'model, metadata = load()',
    'task = metadata["task"]',
    'vocabulary = task["vocabulary"]',
    '',
    ...pythonNumberOf(model),
    '',
    `symbols = ${symbols}`,
    '# [time]: the number of each symbol in the vocabulary.',
    'source = torch.tensor([number_of(symbol) for symbol in symbols])',
    'written = [',
    '    {"symbol": task["labels"][number], "probability": probability}',
    '    for number, probability in model.translate(source)',
    ']',
    'target = task["separators"]["target"].join(one["symbol"] for one in written)',
    'print(json.dumps({"target": target, "symbols": written}))',
  );
}

function tensorflow(model: TrainedModel): string {
  const { steps, width, symbols, label, layers, hidden, lstm, perStep, labels, names, normaliser } = factsOf(model);
  const { vocabulary, labels: labelNames, conditions } = portableTask(model);
  const withStates = model.codec.kind === 'language';
  const states = layers * (lstm ? 2 : 1);
  return lines(
    "import * as tf from '@tensorflow/tfjs';",
    '',
    ...(width > 0 ? [] : [`const vocabulary = ${JSON.stringify(vocabulary)};`]),
    ...(labels
      ? [
          JSON.stringify(labelNames) === JSON.stringify(vocabulary)
            ? 'const labels = vocabulary;'
            : `const labels = ${JSON.stringify(labelNames)};`,
        ]
      : []),
    "const model = await tf.loadLayersModel('model.json');",
    ...(width > 0
      ? [
          `// [batch, time, ${width}]: ${names}. Put your own numbers here${normaliser ? ', normalised' : ''}.`,
          `const values = Float32Array.from({ length: ${steps * width} }, (_, i) => Math.sin(i));`,
          `const x = tf.tensor3d(values, [1, ${steps}, ${width}]);`,
        ]
      : [
          ...javaScriptNumberOf(model),
          `const symbols = ${symbols};`,
          '// [batch, time]: the number of each symbol in the vocabulary.',
          "const x = tf.tensor2d([symbols.map(numberOf)], [1, symbols.length], 'int32');",
        ]),
    ...(label === undefined
      ? []
      : [
          `const conditions = ${JSON.stringify(conditions)};`,
          `const label = tf.tensor2d([[conditions.indexOf(${label})]], [1, 1], 'int32');`,
        ]),
    ...(withStates
      ? [
          `// ${lstm ? 'h and c' : 'h'} of every layer; to go on from here, give back those that come out.`,
          `const states = Array.from({ length: ${states} }, () => tf.zeros([1, ${hidden}]));`,
          'const [outputs] = model.predict([x, ...states]);',
        ]
      : [`const outputs = model.predict(${label === undefined ? 'x' : '[x, label]'});`]),
    ...(labels
      ? [`const answer = (await outputs.data()).slice(${perStep ? '-labels.length' : '0, labels.length'});`]
      : ['const answer = await outputs.data();']),
    ...javaScriptPrint(labels, normaliser),
  );
}

/** On one line, whatever a person has called their columns. */
function listed(names: readonly string[]): string {
  const all = names.length <= 4 ? names.join('; ') : `${names.slice(0, 4).join('; ')}; ...`;
  return all.replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
}

/** The card, and how to use what lies beside it. */
export function readme(card: Card, snippets: readonly Snippet[]): string {
  const parts = snippets.map(({ title, language, code }) => `## ${title}\n\n\`\`\`${language}\n${code}\`\`\`\n`);
  return [card.markdown, ...parts].join('\n');
}
