import { Evaluation, gateRange, type Factor } from '../../../engine/gradients/evaluate.ts';
import {
  expand,
  pathsOf,
  type Expansion,
  type ExpansionRequest,
  type Product,
  type Summand,
} from '../../../engine/gradients/expansion.ts';
import { dot, norm } from '../../../engine/gradients/linear-algebra.ts';
import { arrivals, signedShares, termsOf, truncate, type Terms } from '../../../engine/gradients/terms.ts';
import {
  differenceAlong,
  forward,
  LSTM_GATES,
  type LstmGate,
  type ParameterName,
  type UnrolledNetwork,
  type UnrolledWeights,
} from '../../../engine/gradients/unrolled-network.ts';
import { errorText } from '../../state/error-text.ts';
import type { Lab } from '../../state/lab.svelte.ts';
import { Newest } from '../../worker/rpc.ts';
import { formatLookedAt, parseLookedAt, type LookedAt } from './looked-at.ts';
import { smallNetwork } from './small-network.ts';

/** A gradient beside the sum of the terms. */
export interface Beside {
  /** L2. */
  readonly norm: number;
  /** From the sum, as a share of its length. */
  readonly difference: number;
}

/** Single paths that are written out: there are twice as many for each step that lies between, and more. */
const MOST_PATHS = 100;

/** One network unrolled, its terms, and what of them is looked at. */
export class Unrolled {
  readonly #lab: Lab;
  readonly #newest = new Newest();
  #network = $state.raw<UnrolledNetwork>(smallNetwork('rnn', 4));
  #backward = $state.raw<{ readonly network: UnrolledNetwork; readonly weights: UnrolledWeights }>();
  #problem = $state<string>();
  gate = $state<LstmGate>('forget');
  /** Steps that each loss reaches back over; null: all. */
  window = $state<number | null>(null);
  /** Key of the factor that is pointed at, "∂h(3)/∂h(2)". */
  lit = $state<string | null>(null);
  /** Which factor of the chain is open. */
  factor = $state(0);
  #path = $state<number | null>(null);

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  get network(): UnrolledNetwork {
    return this.#network;
  }

  set network(network: UnrolledNetwork) {
    this.#network = network;
  }

  readonly #looked = $derived.by<LookedAt>(() => parseLookedAt(this.#lab.selection.quantity, 'unrolled'));
  /** Whether the small network is asked for. */
  readonly small: boolean = $derived.by(() => this.#looked.small);
  readonly parameter: ParameterName = $derived.by(() => this.#looked.parameter);
  readonly steps = $derived.by(() => forward(this.#network));
  readonly #arrivals = $derived.by(() => arrivals(this.#network, this.steps));
  readonly evaluation = $derived.by(() => new Evaluation(this.#network, this.steps));

  /** Of the LSTM's u, w and b one gate is written out. */
  readonly hasGates = $derived.by(() => this.#network.cell === 'lstm' && !['v', 'c'].includes(this.parameter));
  /** Elements of the parameter that are looked at: of the LSTM, one gate's. */
  readonly #range = $derived.by(() =>
    this.hasGates
      ? gateRange(this.#network, this.parameter, this.gate)
      : { from: 0, to: this.#network.weights[this.parameter].length },
  );

  /** Of those elements. */
  readonly terms: Terms = $derived.by(() => {
    const H = this.#network.hiddenSize;
    const first = LSTM_GATES.indexOf(this.gate) * H;
    const rows = this.hasGates ? { from: first, to: first + H } : undefined;
    return termsOf(this.#network, this.steps, this.#arrivals, this.parameter, 'all', rows);
  });
  readonly norms = $derived.by(() => this.terms.terms.map((row) => row.map(norm)));
  readonly shares = $derived.by(() => signedShares(this.terms));

  readonly #request: ExpansionRequest = $derived.by(() => ({
    cell: this.#network.cell,
    parameter: this.parameter,
    softmax: !this.#network.targets.some((target) => target instanceof Float64Array),
    ...(this.hasGates ? { gate: this.gate } : {}),
  }));

  readonly expansions: readonly Expansion[] = $derived.by(() => expand(this.#request, this.steps.length));

  /** Steps that have a loss, from 1. */
  readonly losses: readonly number[] = $derived.by(() =>
    this.#network.targets.flatMap((target, t) => (target === null ? [] : [t + 1])),
  );

  readonly t = $derived.by(() => {
    const { t } = this.#looked;
    return this.losses.includes(t) ? t : (this.losses.at(-1) ?? this.steps.length);
  });

  readonly expansion: Expansion = $derived.by(() => this.expansions[this.t - 1]!);

  readonly summand: Summand = $derived.by(() => {
    const { k } = this.#looked;
    const { summands } = this.expansion;
    return summands.find((summand) => summand.k === k) ?? summands.at(-1)!;
  });

  /** Of the LSTM, the single paths of the term, through the cell or the hidden state of each step between. */
  readonly paths = $derived.by(() => (this.hasGates ? pathsOf(this.#request, this.summand, MOST_PATHS) : undefined));

  /** Of the LSTM, which single path of the term is laid out; null: all of them together. */
  get path(): number | null {
    return this.#path !== null && this.#path < (this.paths?.paths.length ?? 0) ? this.#path : null;
  }

  set path(path: number | null) {
    this.#path = path;
  }

  /** What is laid out: the term, or one of its paths. */
  readonly product: Product = $derived.by(
    () => (this.path === null ? undefined : this.paths?.paths[this.path]) ?? this.summand.product,
  );

  readonly factors: readonly Factor[] = $derived.by(() => this.evaluation.factors(this.product));

  /** The product's length along the whole term, as a share of it. */
  readonly pathShare: number = $derived.by(() => {
    const whole = this.evaluation.product(this.summand.product);
    const length = norm(whole);
    return length === 0 ? NaN : dot(this.factors.at(-1)?.soFar.data ?? whole, whole) / length ** 2;
  });

  readonly truncation = $derived.by(() => truncate(this.terms, this.window ?? this.steps.length));

  /** A central difference along the whole gradient, computed when asked: its length, if that is right. */
  readonly finiteDifference: Beside = $derived.by(() => {
    const length = norm(this.terms.total);
    const direction = new Float64Array(this.#network.weights[this.parameter].length);
    direction.set(this.terms.total, this.#range.from);
    const slope = length === 0 ? 0 : differenceAlong(this.#network, this.parameter, direction) / length;
    return { norm: slope, difference: length === 0 ? 0 : Math.abs(slope - length) / length };
  });

  /** Of the engine that trains; undefined until it has answered for this network. */
  readonly backward: Beside | undefined = $derived.by(() => {
    if (this.#backward?.network !== this.#network) return undefined;
    const { from, to } = this.#range;
    const got = this.#backward.weights[this.parameter].subarray(from, to);
    const { total } = this.terms;
    const length = norm(total);
    const difference = norm(total.map((value, i) => value - got[i]!));
    return { norm: norm(got), difference: length === 0 ? difference : difference / length };
  });

  /** Why the engine has no answer. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** To be called in an effect: asks the engine for its backward pass. */
  follow(): void {
    const network = this.#network;
    this.#newest.ask(async () => {
      try {
        const weights = await this.#lab.engine.call('backwardPass', network);
        this.#backward = { network, weights };
        this.#problem = undefined;
      } catch (error) {
        this.#problem = errorText(error);
      }
    });
  }

  look(changes: globalThis.Partial<LookedAt>): void {
    const { small } = this.#looked;
    const now: LookedAt = { part: 'unrolled', parameter: this.parameter, t: this.t, k: this.summand.k, small };
    this.factor = 0;
    this.path = null;
    this.#lab.selection.set({ quantity: formatLookedAt({ ...now, ...changes }) });
  }
}
