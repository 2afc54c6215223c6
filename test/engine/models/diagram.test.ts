/** A diagram has every layer of the model, in its order, with its own parameters and the shapes that come out of it. */
import { describe, expect, test } from 'vitest';
import { diagramLayers, type DiagramLayer } from '../../../engine/models/diagram.ts';
import type { ModelSpec } from '../../../engine/models/spec.ts';
import type { Network } from '../../../engine/team/network.ts';
import type { Team } from '../../../engine/team/team.ts';
import { traceNames, traceView } from '../../../engine/team/traces.ts';
import { modelSpec, RunningModel } from './running-model.ts';
import { encoderDecoderSpec, transformerSpec, WritingModel } from './writing-model.ts';

const recurrent = [
  modelSpec({ layers: 2, bidirectional: true, embeddingSize: 3, dropout: true }),
  modelSpec({ cell: 'gru', pooling: 'max', output: { kind: 'labels', count: 4, per: 'sequence' } }),
  modelSpec({ cell: 'rnn', conditions: 3 }),
  modelSpec({ input: { kind: 'values', width: 2 }, output: { kind: 'values', width: 1, per: 'sequence' } }),
] as const;
const writing = [
  encoderDecoderSpec(),
  encoderDecoderSpec({ cell: 'gru', layers: 2, bidirectional: true, attention: 'additive', attentionSize: 5 }),
  encoderDecoderSpec({ embeddingSize: 0, attention: 'general', dropout: true }),
  transformerSpec(),
  transformerSpec({ norm: 'post', positions: 'learned', maxPositions: 9 }),
  transformerSpec({ form: 'decoder', sourceSteps: 0 }),
  transformerSpec({ form: 'encoder', sourceSteps: 0, output: { kind: 'labels', count: 5, per: 'sequence' } }),
] as const;

/** What of a layer is published as it is drawn; of two directions, what one of them gives. */
function traceOf({ name }: DiagramLayer): string {
  if (name === 'head') return 'logits';
  if (/\.layers\.\d+$/u.test(name)) return `${name}.output`;
  return /\.l\d+$/u.test(name) ? `${name}.hidden` : name;
}

async function draw(spec: ModelSpec) {
  if (spec.architecture === 'recurrent') return drawn((await RunningModel.start(spec, 1)).team, spec);
  return drawn((await WritingModel.start(spec)).team, spec);
}

function drawn<N extends Network>(team: Team<N>, spec: ModelSpec) {
  const { parameters } = team.layout;
  team.control.setWord('steps', spec.steps);
  team.control.setWord('sourceSteps', spec.sourceSteps);
  return {
    count: parameters.count,
    layers: diagramLayers(spec, parameters.list),
    published: traceNames(team),
    view: (name: string) => traceView(team, name),
  };
}

const named = (layers: readonly DiagramLayer[], name: string): DiagramLayer =>
  layers.find((layer) => layer.name === name)!;
const numbersIn = (shape: string): readonly number[] =>
  Array.from(shape.matchAll(/\d+/gu), ([number]) => Number(number));

describe.each([...recurrent, ...writing])('the diagram of %j', (spec) => {
  test('counts every parameter once', async () => {
    const { count, layers } = await draw(spec);
    expect(layers.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(count);
  });

  test('leads from the inputs to the outputs: what feeds a layer stands before it, and nothing is left over', async () => {
    const { layers } = await draw(spec);
    const names = layers.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    layers.forEach(({ name, inputs }, at) => {
      for (const input of inputs) expect(names.slice(0, at), `${name} is fed by ${input}`).toContain(input);
    });
    const read = new Set(layers.flatMap(({ inputs }) => inputs));
    expect(names.filter((name) => !read.has(name))).toEqual(['outputs']);
    const first = layers.filter(({ inputs }) => inputs.length === 0).map(({ name }) => name);
    const known = ['input', 'source', 'initial'];
    expect(first.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('has the shapes of what the model itself publishes', async () => {
    const { layers, published, view } = await draw(spec);
    const compared = layers.flatMap((layer) => {
      const trace = traceOf(layer);
      return published.includes(trace) ? [{ ...layer, trace: view(trace) }] : [];
    });
    expect(compared.length).toBeGreaterThan(2);
    for (const { name, kind, shape, trace } of compared) {
      const width = trace.units * (kind.startsWith('bidirectional') ? 2 : 1);
      expect(numbersIn(shape), name).toEqual([...(trace.steps === undefined ? [] : [trace.steps]), trace.batch, width]);
    }
  });
});

describe('the diagram', () => {
  test('says what layers are', async () => {
    const { layers } = await draw(writing[1]);
    expect(layers.map(({ name }) => name)).toEqual([
      ...['source', 'source_embedding', 'encoder.l0', 'encoder.l1', 'bridge'],
      ...['input', 'target_embedding', 'decoder.l0', 'decoder.l1', 'attention', 'combine', 'head', 'outputs'],
    ]);
    expect(named(layers, 'encoder.l1')).toMatchObject({ kind: 'bidirectional GRU', shape: '[7, 3, 18]' });
    expect(named(layers, 'decoder.l0').inputs).toEqual(['target_embedding', 'bridge']);
    expect(named(layers, 'attention')).toMatchObject({
      kind: 'additive attention',
      inputs: ['decoder.l1', 'encoder.l1'],
      parameters: 5 * 9 + 5 * 18 + 5,
    });
  });

  test('lets every layer of a transformer’s decoder read the whole encoder', async () => {
    const { layers } = await draw(writing[3]);
    for (const l of [0, 1]) expect(named(layers, `decoder.layers.${l}`).inputs[1]).toBe('encoder.norm');
    // Queries, keys, values and what they come to; two linear layers; two normalisations.
    const inner = 4 * (12 * 12 + 12) + (12 * 10 + 10) + (10 * 12 + 12) + 2 * 24;
    expect(named(layers, 'encoder.layers.0').parameters).toBe(inner);
    expect(named(layers, 'decoder.layers.0').parameters).toBe(inner + 4 * (12 * 12 + 12) + 24);
  });

  test('shows where a sequence becomes one vector, and where a label is where it starts', async () => {
    const { layers } = await draw(recurrent[1]);
    expect(named(layers, 'pooled')).toMatchObject({ kind: 'maximum over steps', shape: '[3, 6]' });
    const grown = (await draw(recurrent[2])).layers;
    expect(named(grown, 'recurrent.l0').inputs).toEqual(['input', 'initial']);
    expect(named(grown, 'initial')).toMatchObject({ shape: '3 states', parameters: 3 * 6 });
  });
});
