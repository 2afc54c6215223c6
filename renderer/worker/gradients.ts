/** In the worker: how gradients flow back through a model, and its top layer unrolled. */
import { engineGradients } from '../../engine/gradients/engine-terms.ts';
import { QUICK_UNITS } from '../../engine/gradients/health.ts';
import { FlowMeter, type GradientFlow } from '../../engine/gradients/flow.ts';
import { unrollModel } from '../../engine/gradients/from-model.ts';
import { radiiOf, type RadiusHealth } from '../../engine/gradients/radii.ts';
import type { UnrolledNetwork, UnrolledWeights } from '../../engine/gradients/unrolled-network.ts';
import type { ModelKey } from './model-key.ts';
import type { Models } from './models.ts';
import type { Reading } from './recording.ts';
import { readingOf, readSource, type Source } from './source.ts';

export interface FlowArgs {
  readonly key: ModelKey;
  readonly source: Source;
}

export interface Flowed {
  readonly reading: Reading;
  readonly flow: GradientFlow;
}

export interface UnrollArgs extends FlowArgs {
  /** The first step, from 0, and how many. */
  readonly from: number;
  readonly count: number;
}

export interface UnrolledWindow {
  readonly reading: Reading;
  readonly network: UnrolledNetwork;
}

/** How a checkpoint's gradient flows back from the last loss of a sequence. */
export interface CoursePoint {
  readonly update: number;
  /** log10 of the norms at the loss's own step and at the first one, of the top layer's hidden state. */
  readonly near: number;
  readonly far: number;
  /** The same of the cell state, of an LSTM. */
  readonly farCell: number | null;
  /** Of the recurrent weights; empty where they are too large to be quick. */
  readonly radii: readonly RadiusHealth[];
}

/** Keeps one meter, since a run's checkpoints follow one another on the same sequence. */
export class Flows {
  #kept: { readonly run: string; readonly steps: number; readonly meter: FlowMeter; update: number } | undefined;

  async measure(models: Models, { key, source }: FlowArgs): Promise<Flowed> {
    const { experiment, codec, weights, name } = models.get(key);
    const example = readSource(source, codec);
    let kept = this.#kept;
    if (kept?.run !== key.run || kept.steps !== example.steps) {
      const core = await models.core();
      const options = { core, experiment, task: codec, weights, steps: example.steps, sourceName: name };
      kept = { run: key.run, steps: example.steps, meter: await FlowMeter.load(options), update: key.update };
      this.#kept = kept;
    } else if (kept.update !== key.update) {
      kept.meter.setWeights(weights, name);
      kept.update = key.update;
    }
    return { reading: readingOf(example, codec), flow: kept.meter.measure(example) };
  }
}

export async function coursePoint(models: Models, flows: Flows, args: FlowArgs): Promise<CoursePoint> {
  const { flow } = await flows.measure(models, args);
  const { experiment, weights } = models.get(args.key);
  const forward = flow.maps.filter(({ reverse }) => !reverse);
  const hidden = forward.filter(({ state }) => state === 'hidden').at(-1)?.norms;
  const cell = forward.filter(({ state }) => state === 'cell').at(-1)?.norms;
  const row = (flow.losses.length - 1) * flow.steps;
  const small = experiment.model.architecture === 'recurrent' && experiment.model.hiddenSize <= QUICK_UNITS;
  return {
    update: args.key.update,
    near: hidden?.[row + (flow.losses.at(-1) ?? 0)] ?? NaN,
    far: hidden?.[row] ?? NaN,
    farCell: cell?.[row] ?? null,
    radii: small ? [...weights].flatMap(([name, { shape, data }]) => radiiOf(name, shape, data)) : [],
  };
}

export async function unrollWindow(models: Models, { key, source, from, count }: UnrollArgs): Promise<UnrolledWindow> {
  const { experiment, codec, weights, name } = models.get(key);
  const input = readSource(source, codec);
  const core = await models.core();
  const network = await unrollModel({ core, experiment, task: codec, weights, sourceName: name, input, from, count });
  return { reading: readingOf(input, codec), network };
}

/** The gradients of the engine that trains, by its own backward pass in float32. */
export async function backwardPass(models: Models, network: UnrolledNetwork): Promise<UnrolledWeights> {
  return engineGradients(await models.core(), network);
}
