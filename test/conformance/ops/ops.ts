/** Every operation that golden cases may name. */
import type { Network } from '../../../engine/team/network.ts';
import type { GoldenCase } from '../case.ts';
import { multiheadAttention, sourceAttention } from './attention.ts';
import { bpttTerms } from './bptt-terms.ts';
import { meanSquaredError, softmaxCrossEntropy } from './losses.ts';
import type { Op } from './op.ts';
import { clipGradNorm, optimizer } from './optimizers.ts';
import { recurrent } from './recurrent.ts';
import { activation, embedding, layerNorm, linear } from './rows.ts';
import { trainingRun } from './training-run.ts';
import { transformerLayer } from './transformer.ts';

const OPS: ReadonlyMap<string, Op<Network>> = new Map<string, Op<Network>>([
  ['linear', linear],
  ['embedding', embedding],
  ['layer_norm', layerNorm],
  ['activation', activation],
  ['softmax_cross_entropy', softmaxCrossEntropy],
  ['mean_squared_error', meanSquaredError],
  ['rnn', recurrent('rnn')],
  ['lstm', recurrent('lstm')],
  ['gru', recurrent('gru')],
  ['optimizer', optimizer],
  ['clip_grad_norm', clipGradNorm],
  ['training_run', trainingRun],
  ['attention_additive', sourceAttention('attention_additive')],
  ['attention_dot', sourceAttention('attention_dot')],
  ['multihead_attention', multiheadAttention],
  ['transformer_encoder_layer', transformerLayer('encoder')],
  ['transformer_decoder_layer', transformerLayer('decoder')],
  ['bptt_terms', bpttTerms],
]);

const OF_RECURRENT = ['inputSize', 'hiddenSize', 'layers', 'bidirectional', 'lengths'];
const OF_TRANSFORMER = ['heads', 'feedForwardSize', 'normFirst', 'activation', 'causal', 'embedSize', 'lengths'];

/** Settings that a case of each operation may have. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  linear: [],
  embedding: [],
  layer_norm: ['eps'],
  activation: ['kind'],
  softmax_cross_entropy: ['ignoreIndex', 'reduction'],
  mean_squared_error: ['reduction'],
  rnn: [...OF_RECURRENT, 'nonlinearity'],
  lstm: OF_RECURRENT,
  gru: OF_RECURRENT,
  clip_grad_norm: ['maxNorm'],
  training_run: ['cell', 'hiddenSize', 'layers', 'embedSize', 'vocabulary', 'steps', 'learningRate', 'clipNorm'],
  attention_additive: ['attentionSize', 'lengths'],
  attention_dot: ['score', 'lengths'],
  multihead_attention: ['heads', 'causal', 'selfAttention', 'embedSize', 'lengths'],
  transformer_encoder_layer: OF_TRANSFORMER,
  transformer_decoder_layer: OF_TRANSFORMER,
  bptt_terms: ['cell', 'inputSize', 'hiddenSize', 'classes', 'steps', 'nonlinearity'],
};

const OF_OPTIMIZERS = ['kind', 'steps', 'learningRate', 'weightDecay'];
const OPTIMIZER_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  sgd: [...OF_OPTIMIZERS, 'momentum', 'nesterov'],
  rmsprop: [...OF_OPTIMIZERS, 'alpha', 'eps', 'momentum', 'centered'],
  adam: [...OF_OPTIMIZERS, 'betas', 'eps'],
  adamw: [...OF_OPTIMIZERS, 'betas', 'eps'],
};

/** Settings of a case that its operation does not know. They would change the result, so they are never passed over. */
export function unknownSettings({ op, config }: GoldenCase): readonly string[] {
  const kind = typeof config['kind'] === 'string' ? config['kind'] : 'sgd';
  const known = (op === 'optimizer' ? OPTIMIZER_SETTINGS[kind] : SETTINGS[op]) ?? OF_OPTIMIZERS;
  return Object.keys(config).filter((name) => !known.includes(name));
}

/** Known operations that the engine does not carry out yet: none at present. */
const UNSUPPORTED: ReadonlySet<string> = new Set();

/** The operation of this name, 'unsupported', or undefined where nobody knows it. */
export function findOp(name: string): Op<Network> | 'unsupported' | undefined {
  return OPS.get(name) ?? (UNSUPPORTED.has(name) ? 'unsupported' : undefined);
}
