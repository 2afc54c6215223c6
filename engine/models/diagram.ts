/** The layers of a model as a diagram shows them, from the input to the outputs. */
import type { Parameter } from '../team/parameters.ts';
import { outputWidth } from './staging.ts';
import type { ModelSpec } from './spec.ts';

export interface DiagramLayer {
  /** As traces and parameters begin: 'recurrent.l0'. */
  readonly name: string;
  /** What people call it. */
  readonly kind: string;
  /** Names of the layers that feed it. */
  readonly inputs: readonly string[];
  /** Of what it gives: "[T, B, C]" in numbers. */
  readonly shape: string;
  /** Trainable numbers. */
  readonly parameters: number;
}

const CELLS = { rnn: 'RNN', lstm: 'LSTM', gru: 'GRU' } as const;
const POOLINGS = { last: 'last step', mean: 'mean over steps', max: 'maximum over steps' } as const;

/** `parameters`: all of the model's. */
export function diagramLayers(spec: ModelSpec, parameters: readonly Parameter[]): readonly DiagramLayer[] {
  const layers: DiagramLayer[] = [];
  const { input, output, steps, batchSize, hiddenSize, bidirectional } = spec;
  const width = hiddenSize * (bidirectional ? 2 : 1);
  const sequence = (columns: number) => `[${steps}, ${batchSize}, ${columns}]`;
  const vector = (columns: number) => `[${batchSize}, ${columns}]`;
  /** Adds a layer and gives its name, for those that it feeds. */
  const add = (name: string, kind: string, inputs: readonly string[], shape: string, pattern?: RegExp): string => {
    const own = pattern ? parameters.filter((parameter) => pattern.test(parameter.name)) : [];
    layers.push({ name, kind, inputs, shape, parameters: own.reduce((sum, { shape }) => sum + product(shape), 0) });
    return name;
  };

  let last =
    input.kind === 'values'
      ? add('input', 'numbers', [], sequence(input.width))
      : add('input', 'symbols', [], `[${steps}, ${batchSize}] of ${input.symbols}`);
  if (input.kind === 'tokens' && spec.embeddingSize > 0) {
    last = add('embedding', 'embedding', [last], sequence(spec.embeddingSize), /^embedding\./);
  }
  const start =
    spec.conditions > 0 ? [add('initial', 'first state by label', [], `${spec.conditions} states`, /^initial\./)] : [];
  for (let l = 0; l < spec.layers; l++) {
    const kind = `${bidirectional ? 'bidirectional ' : ''}${CELLS[spec.cell]}`;
    last = add(
      `recurrent.l${l}`,
      kind,
      [last, ...start],
      sequence(width),
      new RegExp(`^recurrent\\..*_l${l}(_reverse)?$`),
    );
    if (spec.dropout && l + 1 < spec.layers) last = add(`dropout.l${l}`, 'dropout', [last], sequence(width));
  }
  const shape = output.per === 'step' ? sequence : vector;
  if (output.per === 'sequence') last = add('pooled', POOLINGS[spec.pooling], [last], vector(width));
  if (spec.dropout) last = add('dropout', 'dropout', [last], shape(width));
  last = add('head', 'linear', [last], shape(outputWidth(spec)), /^head\./);
  add('outputs', output.kind === 'labels' ? 'softmax' : 'numbers', [last], shape(outputWidth(spec)));
  return layers;
}

function product(shape: readonly number[]): number {
  return shape.reduce((sizes, size) => sizes * size, 1);
}
