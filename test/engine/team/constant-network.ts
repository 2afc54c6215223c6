/** A network without inputs: each thread has a loss and a gradient that the test gives it, or fails. */
import type { BuildNetwork } from '../../../engine/team/layout.ts';
import type { Network, Pass, Plan } from '../../../engine/team/network.ts';
import { writeParameter, type Parameter } from '../../../engine/team/parameters.ts';

export interface ConstantSpec {
  /** By thread. */
  readonly losses: readonly number[];
  /** By thread: every element of the gradient. */
  readonly gradients: readonly number[];
  readonly failing?: { readonly thread: number; readonly at: 'build' | 'forward' | 'backward' };
}

/** Elements of the one parameter. */
export const SIZE = 21;

class ConstantNetwork implements Network {
  readonly #spec: ConstantSpec;
  readonly #thread: number;
  readonly #offset: number;
  readonly #weight: Parameter;

  constructor(plan: Plan, spec: ConstantSpec) {
    this.#spec = spec;
    this.#thread = plan.share.thread;
    this.#offset = plan.gradientOffset;
    this.#weight = plan.parameters.vector('weight', [SIZE], { kind: 'constant', value: 0 });
  }

  forward(): number {
    this.#mayFail('forward');
    return this.#spec.losses[this.#thread] ?? 0;
  }

  backward({ core }: Pass): void {
    this.#mayFail('backward');
    const value = this.#spec.gradients[this.#thread] ?? 0;
    writeParameter(core.f32, this.#weight, new Array<number>(SIZE).fill(value), this.#offset);
  }

  #mayFail(at: 'forward' | 'backward'): void {
    const { failing } = this.#spec;
    if (failing?.thread === this.#thread && failing.at === at) throw new Error(`Thread ${this.#thread} fails.`);
  }
}

export function buildConstant(spec: ConstantSpec): BuildNetwork<Network> {
  return (plan) => new ConstantNetwork(plan, spec);
}
