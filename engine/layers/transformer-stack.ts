/** Layers of a transformer one above the other; with pre-norm a normalisation at the end. */
import type { Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { Pass, Plan } from '../team/network.ts';
import { LayerNorm } from './layer-norm.ts';
import { TransformerLayer, streamsOf, type TransformerLayerOptions } from './transformer-layer.ts';

export interface TransformerStackOptions extends TransformerLayerOptions {
  readonly layers: number;
}

export class TransformerStack {
  readonly layers: readonly TransformerLayer[];
  readonly y: Matrix;
  /** The gradient of y, to be filled before `backward`. */
  readonly dy: Matrix;
  readonly #norm: LayerNorm | undefined;
  readonly #batch: number;

  /** Parameters: `name.layers.0.self_attn.in_proj_weight` and so on, `name.norm.weight`. */
  constructor(plan: Plan, options: TransformerStackOptions) {
    const { name, layers, heads, norm, dropout } = options;
    this.#batch = plan.share.batch;
    const list: TransformerLayer[] = [];
    let { x, dx } = options;
    for (let l = 0; l < layers; l++) {
      const layer = new TransformerLayer(plan, {
        ...options,
        name: `${name}.layers.${l}`,
        x,
        dx,
        dropout: dropout && { seed: dropout.seed, stream: dropout.stream + l * streamsOf(heads) },
      });
      list.push(layer);
      x = layer.y;
      dx = layer.dy;
    }
    this.layers = list;
    this.#norm = norm === 'pre' ? new LayerNorm(plan, { name: `${name}.norm`, x, dx }) : undefined;
    this.y = this.#norm?.y ?? x;
    this.dy = this.#norm?.dy ?? dx;
  }

  readMemory(core: Core, memorySteps: number): void {
    for (const layer of this.layers) layer.readMemory(core, memorySteps);
  }

  /** Steps `from` to `pass.steps`. */
  forward(pass: Pass, from = 0): void {
    for (const layer of this.layers) layer.forward(pass, from);
    this.#norm?.forward(pass.core, (pass.steps - from) * this.#batch, from * this.#batch);
  }

  backward(pass: Pass): void {
    this.#norm?.backward(pass.core, pass.steps * this.#batch);
    for (const layer of this.layers.toReversed()) layer.backward(pass);
  }
}
