/**
 * Models with attention, at the sizes that people train here: training steps (forward, backward, clipping, Adam) and
 * decodings of one source, what follows each keystroke. PyTorch trains the same ones, as they are exported for it.
 */
import { encoderDecoderModel } from '../../engine/exports/pytorch/encoder-decoder.ts';
import { joinedDefinitions } from '../../engine/exports/pytorch/python-model.ts';
import { transformerTranslator } from '../../engine/exports/pytorch/transformer-translator.ts';
import { transformerModel } from '../../engine/exports/pytorch/transformer.ts';
import { PYTORCH_INITIAL } from '../../engine/layers/cells.ts';
import type { EncoderDecoderSpec, TransformerSpec } from '../../engine/models/spec.ts';

export interface ModelCase {
  readonly name: string;
  /** One step: an update of a batch, or the greedy decoding of one source into T symbols. */
  readonly work: 'train' | 'decode';
  readonly spec: EncoderDecoderSpec | TransformerSpec;
}

/** V, of source and target. */
const SYMBOLS = 64;
const STEPS = 64;
const BATCH = 32;

const COMMON = {
  input: { kind: 'tokens', symbols: SYMBOLS },
  output: { kind: 'labels', count: SYMBOLS, per: 'step' },
  conditions: 0,
  dropout: false,
  lengths: false,
  stateful: false,
  steps: STEPS,
  sourceSteps: 0,
  batchSize: BATCH,
  seed: 0,
  trace: false,
} as const;

/** A language model: each step sees itself and those before it. */
const LANGUAGE: TransformerSpec = {
  ...COMMON,
  architecture: 'transformer',
  form: 'decoder',
  modelSize: 128,
  heads: 4,
  layers: 2,
  feedForwardSize: 512,
  norm: 'pre',
  activation: 'gelu',
  positions: 'sinusoidal',
  maxPositions: STEPS,
  pooling: 'last',
};

const TRANSLATOR: TransformerSpec = { ...LANGUAGE, form: 'encoder-decoder', sourceSteps: STEPS };

const ATTENTION: EncoderDecoderSpec = {
  ...COMMON,
  architecture: 'encoder-decoder',
  sourceSteps: STEPS,
  cell: 'lstm',
  relu: false,
  hiddenSize: 128,
  layers: 1,
  bidirectional: false,
  embeddingSize: 64,
  initial: PYTORCH_INITIAL,
  attention: 'additive',
  attentionSize: 128,
};

const WITH_DOT: EncoderDecoderSpec = { ...ATTENTION, attention: 'dot' };

export const MODEL_CASES: readonly ModelCase[] = [
  { name: 'transformer', work: 'train', spec: LANGUAGE },
  { name: 'transformer-translate', work: 'train', spec: TRANSLATOR },
  { name: 'attention', work: 'train', spec: ATTENTION },
  { name: 'attention-dot', work: 'train', spec: WITH_DOT },
  { name: 'transformer-decode', work: 'decode', spec: { ...TRANSLATOR, lengths: true, batchSize: 1 } },
  { name: 'attention-decode', work: 'decode', spec: { ...ATTENTION, lengths: true, batchSize: 1 } },
];

/** Symbol i of a batch [steps, items] is i times this, modulo V. */
export const STRIDES = { source: 7, tokens: 11, targets: 13 } as const;

/** The class Model that trains a case in PyTorch. */
export function pythonDefinitions({ spec }: ModelCase): string {
  const writing = { start: 0, end: 1, excluded: [0], most: spec.steps };
  const { definitions } =
    spec.architecture === 'encoder-decoder'
      ? encoderDecoderModel(spec, writing)
      : spec.form === 'encoder-decoder'
        ? transformerTranslator(spec, writing)
        : transformerModel(spec, spec.steps);
  return joinedDefinitions(definitions);
}

/** Whether TensorFlow.js trains it too (tensorflow-model.ts): the language model, whose every part it has operations for. */
export function hasTensorFlowParts({ work, spec }: ModelCase): boolean {
  return work === 'train' && spec.architecture === 'transformer' && spec.form === 'decoder';
}

/** Tokens of a step, the source's too. */
export function tokensOf({ spec }: ModelCase): number {
  return (spec.steps + spec.sourceSteps) * spec.batchSize;
}

/**
 * Useful floating-point operations of a training step: products forward, and twice as many backward; of causal
 * attention only the keys that are seen; no exponentials, no hyperbolic tangents.
 */
export function operationsOf({ spec }: ModelCase): number {
  const { steps: t, sourceSteps: s, batchSize: b } = spec;
  const products =
    spec.architecture === 'transformer' ? transformerProducts(spec, t, s) : attentionProducts(spec, t, s);
  return 6 * b * products;
}

/** Multiplications of one item, forward. */
function transformerProducts(
  { form, modelSize: e, feedForwardSize: f, layers }: TransformerSpec,
  t: number,
  s: number,
) {
  const attention = (queries: number, keys: number, seen: number) =>
    2 * queries * e * e + 2 * keys * e * e + 2 * queries * seen * e;
  const encoder = (n: number) => attention(n, n, n) + 2 * n * e * f;
  const decoder = attention(t, t, (t + 1) / 2) + 2 * t * e * f;
  const head = t * e * SYMBOLS;
  if (form === 'encoder') return layers * encoder(t) + head;
  if (form === 'decoder') return layers * decoder + head;
  return layers * (encoder(s) + decoder + attention(t, s, s)) + head;
}

function attentionProducts(spec: EncoderDecoderSpec, t: number, s: number): number {
  const { hiddenSize: h, embeddingSize: e, attentionSize: a, attention } = spec;
  const cells = (t + s) * 4 * h * (e + h);
  const scores = attention === 'additive' ? (t + s) * h * a + t * s * a : t * s * h;
  const combine = t * 2 * h * h;
  return cells + scores + t * s * h + combine + t * h * SYMBOLS;
}
