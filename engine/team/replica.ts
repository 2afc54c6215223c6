/**
 * One thread's part in what a team does. All threads run the same commands in step; what they share is written by one
 * of them between two barriers.
 */
import type { Core } from '../core/core.ts';
import { Control } from './control.ts';
import type { Layout } from './layout.ts';
import type { Network, Pass } from './network.ts';
import { applyOptimizer, type OptimizerSpec } from './optimizer.ts';

export const COMMANDS = {
  /** Leave the team. */
  stop: 0,
  /** Bring derived values up to date after parameters were written. */
  refresh: 1,
  /** Outputs and losses. */
  forward: 2,
  /** Outputs, losses and gradients; the sum of all shares' gradients ends in thread 0's place. */
  gradients: 3,
  /** All of that, clipping, one optimizer step. */
  train: 4,
  /** Clip and apply the gradients that lie in the threads' places. */
  apply: 5,
} as const;
export type Command = (typeof COMMANDS)[keyof typeof COMMANDS];

/** What the threads of a team are told that one of them left in the middle of a command. */
export const TEAM_FAILED = 'A thread of the team has failed.';

/** What one optimizer step adds to the denominator of clipping; PyTorch's clip_grad_norm_. */
const CLIP_EPSILON = 1e-6;

/** The factor that brings a gradient of this norm down to at most `clipNorm` (0: no clipping). */
export function clipScale(norm: number, clipNorm: number): number {
  return clipNorm > 0 ? Math.min(1, clipNorm / (norm + CLIP_EPSILON)) : 1;
}

/** An unclipped gradient longer than this leaves nothing of what was learnt, and overflows what optimizers keep. */
export const LARGEST_GRADIENT_NORM = 1e10;

function isApplicable(norm: number, clipNorm: number): boolean {
  return Number.isFinite(norm) && (clipNorm > 0 || norm <= LARGEST_GRADIENT_NORM);
}

export class Replica<N extends Network> {
  readonly #core: Core;
  readonly #layout: Layout<N>;
  readonly #thread: number;
  readonly #control: Control;
  readonly #optimizer: OptimizerSpec;

  constructor(core: Core, layout: Layout<N>, thread: number, optimizer: OptimizerSpec) {
    this.#core = core;
    this.#layout = layout;
    this.#thread = thread;
    this.#control = new Control(core, layout.control);
    this.#optimizer = optimizer;
  }

  get control(): Control {
    return this.#control;
  }

  /** Waits until every thread of the team has come here. */
  barrier(): void {
    const threads = this.#layout.placed.length;
    if (threads === 1) return;
    this.#core.kernels.team_barrier(this.#control.barrier, threads);
    if (this.#control.word('failed') !== 0) throw new Error(TEAM_FAILED);
  }

  /** Everything that is between the barrier that releases the team and the one that ends the command. */
  execute(command: Command): void {
    switch (command) {
      case COMMANDS.stop:
        return;
      case COMMANDS.refresh:
        this.#refresh();
        return;
      case COMMANDS.forward:
        this.#forward();
        return;
      case COMMANDS.gradients:
        this.#forward();
        this.#backward();
        this.barrier();
        this.#reduce();
        return;
      case COMMANDS.train:
        this.#forward();
        this.#backward();
        this.barrier();
        this.#applyGradients();
        return;
      case COMMANDS.apply:
        this.#applyGradients();
    }
  }

  #pass(): Pass {
    const control = this.#control;
    return {
      core: this.#core,
      steps: control.word('steps'),
      sourceSteps: control.word('sourceSteps'),
      columns: control.word('columns'),
      training: control.word('training') !== 0,
      update: control.word('update'),
      continues: control.word('continues') !== 0,
      lossScale: control.value('lossScale'),
      dropout: control.value('dropout'),
      teacherForcing: control.value('teacherForcing'),
    };
  }

  #own() {
    const placed = this.#layout.placed[this.#thread];
    if (!placed) throw new Error('No such thread.');
    return placed;
  }

  #forward(): void {
    const { network, plan } = this.#own();
    this.#control.setLoss(this.#thread, plan.share.batch > 0 ? network.forward(this.#pass()) : 0);
  }

  #backward(): void {
    const { network, plan } = this.#own();
    const { parameters, gradientOffset } = plan;
    this.#core.kernels.f32_fill(parameters.bytes / 4, 0, parameters.start + gradientOffset);
    if (plan.share.batch > 0) network.backward(this.#pass());
  }

  // This thread's slice of the parameters' region, in whole cache lines.
  #slice(): { readonly from: number; readonly floats: number } {
    const lines = this.#layout.slotBytes / 64;
    const threads = this.#layout.placed.length;
    const from = Math.floor((lines * this.#thread) / threads);
    const to = Math.floor((lines * (this.#thread + 1)) / threads);
    return { from: from * 64, floats: (to - from) * 16 };
  }

  // Adds the shares' gradients into thread 0's place, first to last, and leaves this slice's sum of squares.
  #reduce(): void {
    const { placed, parameters } = this.#layout;
    const { from, floats } = this.#slice();
    const places = placed.map(({ plan }) => parameters.start + plan.gradientOffset + from);
    const [first] = places;
    if (first === undefined) return;
    const { kernels } = this.#core;
    for (const other of places.slice(1, -1)) kernels.f32_add(floats, first, other, first);
    const last = places.at(-1) ?? first;
    const replicas = places.length > 1 ? 2 : 1;
    this.#control.setSquares(this.#thread, kernels.f32_reduce_gradients(floats, first, replicas, last - first, first));
  }

  #applyGradients(): void {
    this.#reduce();
    this.barrier();
    const control = this.#control;
    const norm = Math.sqrt(control.squares(this.#layout.placed.length));
    const clipNorm = control.value('clipNorm');
    // What is no number would spoil the weights for good: they stay as they are, and the caller sees loss and squares.
    const loss = control.loss(this.#layout.placed.length);
    if (Number.isFinite(loss) && isApplicable(norm, clipNorm)) {
      const { from, floats } = this.#slice();
      const { parameters, slotBytes } = this.#layout;
      const w = parameters.start + from;
      const gradientOffset = this.#layout.placed[0]?.plan.gradientOffset ?? 0;
      applyOptimizer(
        this.#core,
        this.#optimizer,
        {
          update: control.word('update'),
          learningRate: control.value('learningRate'),
          scale: clipScale(norm, clipNorm),
        },
        floats,
        w,
        w + gradientOffset,
        slotBytes,
      );
    }
    this.barrier();
    this.#refresh();
  }

  #refresh(): void {
    const { refresh } = this.#own().plan;
    for (let i = this.#thread; i < refresh.length; i += this.#layout.placed.length) refresh[i]?.(this.#core);
  }
}
