import type { BuildNetwork } from '../team/layout.ts';
import type { DecodingModel } from './decoding-model.ts';
import { EncoderDecoderModel } from './encoder-decoder-model.ts';
import type { Model } from './model.ts';
import { RecurrentModel } from './recurrent-model.ts';
import type { EncoderDecoderSpec, ModelSpec, TransformerSpec } from './spec.ts';
import { TransformerModel } from './transformer-model.ts';

/** The model of a spec, whatever its architecture. */
export function buildModel(spec: ModelSpec): BuildNetwork<Model> {
  return (plan) => {
    if (spec.architecture === 'encoder-decoder') return new EncoderDecoderModel(plan, spec);
    if (spec.architecture === 'transformer') return new TransformerModel(plan, spec);
    return new RecurrentModel(plan, spec);
  };
}

/** The same for those that can write step by step. */
export function buildDecodingModel(spec: EncoderDecoderSpec | TransformerSpec): BuildNetwork<DecodingModel> {
  return (plan) =>
    spec.architecture === 'transformer' ? new TransformerModel(plan, spec) : new EncoderDecoderModel(plan, spec);
}
