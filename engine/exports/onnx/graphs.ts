/** The graphs of a trained model in ONNX: one, or of a translator its encoder and its decoder. */
import type { OnnxGraph } from '../../formats/onnx/model.ts';
import type { AnyTrainedModel } from '../trained-model.ts';
import { encoderGraph, decoderGraph } from './encoder-decoder.ts';
import { recurrentGraph } from './recurrent-graph.ts';
import { transformerGraph } from './transformer.ts';
import { transformerDecoderGraph, transformerEncoderGraph } from './transformer-translator.ts';

export interface NamedGraph {
  /** Of its file. */
  readonly name: 'model.onnx' | 'encoder.onnx' | 'decoder.onnx';
  readonly graph: OnnxGraph;
}

export function graphsOf(model: AnyTrainedModel): readonly NamedGraph[] {
  const { spec } = model;
  switch (spec.architecture) {
    case 'recurrent':
      return [{ name: 'model.onnx', graph: recurrentGraph({ ...model, spec }) }];
    case 'encoder-decoder':
      return pair(encoderGraph(model, spec), decoderGraph(model, spec));
    case 'transformer':
      return spec.form === 'encoder-decoder'
        ? pair(transformerEncoderGraph(model, spec), transformerDecoderGraph(model, spec))
        : [{ name: 'model.onnx', graph: transformerGraph(model, spec) }];
  }
}

function pair(encoder: OnnxGraph, decoder: OnnxGraph): readonly NamedGraph[] {
  return [
    { name: 'encoder.onnx', graph: encoder },
    { name: 'decoder.onnx', graph: decoder },
  ];
}
