/** A model that can write symbol by symbol: it computes one step from what it kept of those before. */
import type { Matrix } from '../core/arena.ts';
import type { Attention } from '../layers/attention.ts';
import type { Pass } from '../team/network.ts';
import type { LabelHead } from './label-head.ts';
import type { Model } from './model.ts';

/** Rows of an item's earlier steps that later ones read. */
export interface Cache {
  /** Row (t + ahead) * batch + item is step t's; with ahead 1 the first block is the state before the first step. */
  readonly matrix: Matrix;
  readonly ahead: 0 | 1;
}

export interface NamedAttention {
  /** As traces begin: 'decoder.layers.0.multihead_attn'. */
  readonly name: string;
  readonly attention: Attention;
  readonly heads: number;
  /** The keys are a translation's source. */
  readonly overSource: boolean;
}

export interface DecodingModel extends Model {
  readonly head: LabelHead;
  readonly caches: readonly Cache[];
  readonly attentions: readonly NamedAttention[];
  /** States that `readSource` leaves for the decoder to start from, [B, H]: h and c by layer; none of a transformer. */
  readonly starts: readonly Matrix[];
  /** This share's items of the staged batch. */
  takeBatch(pass: Pass): void;
  /** What of a batch is computed once, before the first step. */
  readSource(pass: Pass): void;
  /** Steps `from` to `pass.steps`, those before being as they were left; gives the sum of their losses. */
  forwardFrom(pass: Pass, from: number): number;
}
