/** Every operation that golden cases may name. */
import type { Network } from '../../../engine/team/network.ts';
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

/** Known operations that the engine does not carry out yet: none at present. */
const UNSUPPORTED: ReadonlySet<string> = new Set();

/** The operation of this name, 'unsupported', or undefined where nobody knows it. */
export function findOp(name: string): Op<Network> | 'unsupported' | undefined {
  return OPS.get(name) ?? (UNSUPPORTED.has(name) ? 'unsupported' : undefined);
}
