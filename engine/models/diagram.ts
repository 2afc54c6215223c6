/** The layers of a model as a diagram shows them, from the input to the outputs. */
import type { Parameter } from '../team/parameters.ts';
import { outputWidth } from './staging.ts';
import type { EncoderDecoderSpec, ModelSpec, RecurrentSpec, TransformerSpec } from './spec.ts';

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
  const drawing = new Drawing(spec, parameters);
  if (spec.architecture === 'recurrent') drawRecurrent(spec, drawing);
  else if (spec.architecture === 'encoder-decoder') drawEncoderDecoder(spec, drawing);
  else drawTransformer(spec, drawing);
  return drawing.layers;
}

/** The layers so far, and the shapes of what they give. */
class Drawing {
  readonly layers: DiagramLayer[] = [];
  readonly #spec: ModelSpec;
  readonly #parameters: readonly Parameter[];

  constructor(spec: ModelSpec, parameters: readonly Parameter[]) {
    this.#spec = spec;
    this.#parameters = parameters;
  }

  sequence(columns: number): string {
    return `[${this.#spec.steps}, ${this.#spec.batchSize}, ${columns}]`;
  }

  source(columns: number): string {
    return `[${this.#spec.sourceSteps}, ${this.#spec.batchSize}, ${columns}]`;
  }

  vector(columns: number): string {
    return `[${this.#spec.batchSize}, ${columns}]`;
  }

  /** Adds a layer and gives its name, for those that it feeds. */
  add(name: string, kind: string, inputs: readonly string[], shape: string, pattern?: RegExp): string {
    const own = pattern ? this.#parameters.filter((parameter) => pattern.test(parameter.name)) : [];
    this.layers.push({
      name,
      kind,
      inputs,
      shape,
      parameters: own.reduce((sum, { shape }) => sum + product(shape), 0),
    });
    return name;
  }

  /** The head and what it says. */
  finish(last: string, shape: (columns: number) => string): void {
    const width = outputWidth(this.#spec);
    const head = this.add('head', 'linear', [last], shape(width), /^head\./);
    this.add('outputs', this.#spec.output.kind === 'labels' ? 'softmax' : 'numbers', [head], shape(width));
  }
}

function drawRecurrent(spec: RecurrentSpec, drawing: Drawing): void {
  const { input, output, steps, batchSize, hiddenSize, bidirectional } = spec;
  const width = hiddenSize * (bidirectional ? 2 : 1);
  const sequence = (columns: number) => drawing.sequence(columns);
  const vector = (columns: number) => drawing.vector(columns);
  const add: Drawing['add'] = (...layer) => drawing.add(...layer);

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
  drawing.finish(last, shape);
}

function drawEncoderDecoder(spec: EncoderDecoderSpec, drawing: Drawing): void {
  const { steps, sourceSteps, batchSize, hiddenSize, bidirectional, embeddingSize, attention, layers, dropout } = spec;
  const width = hiddenSize * (bidirectional ? 2 : 1);
  const symbols = spec.input.kind === 'tokens' ? spec.input.symbols : 0;
  let read = drawing.add('source', 'symbols', [], `[${sourceSteps}, ${batchSize}] of ${symbols}`);
  if (embeddingSize > 0) {
    read = drawing.add('source_embedding', 'embedding', [read], drawing.source(embeddingSize), /^source_embedding\./);
  }
  for (let l = 0; l < layers; l++) {
    const pattern = new RegExp(`^encoder\\..*_l${l}(_reverse)?$`);
    const kind = `${bidirectional ? 'bidirectional ' : ''}${CELLS[spec.cell]}`;
    read = drawing.add(`encoder.l${l}`, kind, [read], drawing.source(width), pattern);
  }
  const state = bidirectional ? drawing.add('bridge', 'linear', [read], drawing.vector(hiddenSize), /^bridge\./) : read;
  let last = drawing.add('input', 'symbols', [], `[${steps}, ${batchSize}] of ${outputWidth(spec)}`);
  if (embeddingSize > 0) {
    last = drawing.add('target_embedding', 'embedding', [last], drawing.sequence(embeddingSize), /^target_embedding\./);
  }
  for (let l = 0; l < layers; l++) {
    const pattern = new RegExp(`^decoder\\..*_l${l}$`);
    last = drawing.add(`decoder.l${l}`, CELLS[spec.cell], [last, state], drawing.sequence(hiddenSize), pattern);
  }
  if (attention !== 'none') {
    const looked = drawing.add(
      'attention',
      `${attention} attention`,
      [last, read],
      drawing.sequence(width),
      /^attention\./,
    );
    last = drawing.add('combine', 'linear, tanh', [looked, last], drawing.sequence(hiddenSize), /^combine\./);
  }
  if (dropout) last = drawing.add('dropout', 'dropout', [last], drawing.sequence(hiddenSize));
  drawing.finish(last, (columns) => drawing.sequence(columns));
}

function drawTransformer(spec: TransformerSpec, drawing: Drawing): void {
  const { form, steps, sourceSteps, batchSize, modelSize, heads, layers, output, pooling, norm } = spec;
  const symbols = spec.input.kind === 'tokens' ? spec.input.symbols : 0;
  const stack = (name: string, first: string, memory: string | undefined, shape: (columns: number) => string) => {
    let last = first;
    for (let l = 0; l < layers; l++) {
      const kind = memory ? `self- and cross-attention, ${heads} heads` : `self-attention, ${heads} heads`;
      const pattern = new RegExp(`^${name}\\.layers\\.${l}\\.`);
      last = drawing.add(`${name}.layers.${l}`, kind, memory ? [last, memory] : [last], shape(modelSize), pattern);
    }
    if (norm === 'post') return last;
    return drawing.add(
      `${name}.norm`,
      'layer normalisation',
      [last],
      shape(modelSize),
      new RegExp(`^${name}\\.norm\\.`),
    );
  };
  const sequence = (columns: number) => drawing.sequence(columns);
  const embed = (prefix: string, from: string, shape: (columns: number) => string) =>
    drawing.add(
      `${prefix}embedding`,
      `embedding, positions`,
      [from],
      shape(modelSize),
      new RegExp(`^${prefix}(embedding|positions)\\.`),
    );
  if (form === 'encoder-decoder') {
    const source = (columns: number) => drawing.source(columns);
    const from = drawing.add('source', 'symbols', [], `[${sourceSteps}, ${batchSize}] of ${symbols}`);
    const memory = stack('encoder', embed('source_', from, source), undefined, source);
    const input = drawing.add('input', 'symbols', [], `[${steps}, ${batchSize}] of ${outputWidth(spec)}`);
    drawing.finish(stack('decoder', embed('target_', input, sequence), memory, sequence), sequence);
    return;
  }
  const input = drawing.add('input', 'symbols', [], `[${steps}, ${batchSize}] of ${symbols}`);
  const last = stack(form, embed('', input, sequence), undefined, sequence);
  if (output.per === 'step') {
    drawing.finish(last, sequence);
    return;
  }
  const vector = (columns: number) => drawing.vector(columns);
  drawing.finish(drawing.add('pooled', POOLINGS[pooling], [last], vector(modelSize)), vector);
}

function product(shape: readonly number[]): number {
  return shape.reduce((sizes, size) => sizes * size, 1);
}
