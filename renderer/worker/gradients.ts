/** In the worker: how gradients flow back through a model, and its top layer unrolled. */
import { engineGradients } from '../../engine/gradients/engine-terms.ts';
import { FlowMeter, type GradientFlow } from '../../engine/gradients/flow.ts';
import { unrollModel } from '../../engine/gradients/from-model.ts';
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
