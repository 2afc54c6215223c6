/**
 * Where everything lies in a team's memory:
 *
 *     | constants of the core (one page) | control | parameters | optimizer slots, each as the parameters | derived |
 *     | staging | thread 0: gradients, activations | thread 1: ... |
 *
 * The network is constructed once per share to measure and once more in place; both are pure planning.
 */
import { ARENA_START } from '../core/core.ts';
import { Arena } from '../core/arena.ts';
import { CONTROL_BYTES } from './control.ts';
import { shareOf, type Network, type Plan, type Share } from './network.ts';
import { Parameters } from './parameters.ts';

/** Constructs a network on a plan. The same for every share but for the sizes of activations. */
export type BuildNetwork<N extends Network> = (plan: Plan) => N;

/** One thread's network in place. */
export interface Placed<N extends Network> {
  readonly plan: Plan;
  readonly network: N;
}

export interface Layout<N extends Network> {
  /** Bytes of memory needed, from address 0. */
  readonly bytes: number;
  readonly control: number;
  readonly parameters: Parameters;
  /** Bytes from a parameter to slot k of its optimizer state: (k + 1) * slotBytes. */
  readonly slotBytes: number;
  /** By thread. */
  readonly placed: readonly Placed<N>[];
}

export interface LayoutOptions<N extends Network> {
  readonly build: BuildNetwork<N>;
  readonly batchSize: number;
  readonly threads: number;
  /** Optimizer slots. */
  readonly slots: number;
}

export function layOut<N extends Network>({ build, batchSize, threads, slots }: LayoutOptions<N>): Layout<N> {
  const construct = (share: Share, starts: Starts): Placed<N> => {
    const plan: Plan = {
      share,
      parameters: new Parameters(starts.parameters),
      derived: new Arena(starts.derived),
      staging: new Arena(starts.staging),
      activations: new Arena(starts.activations),
      gradientOffset: starts.gradients - starts.parameters,
      refresh: [],
      traces: [],
    };
    return { plan, network: build(plan) };
  };
  const shares = Array.from({ length: threads }, (_, thread) => shareOf(batchSize, threads, thread));
  const measured = shares.map((share) =>
    construct(share, {
      parameters: MEASURED_FROM,
      derived: MEASURED_FROM,
      staging: MEASURED_FROM,
      gradients: MEASURED_FROM,
      activations: MEASURED_FROM,
    }),
  );
  const [first] = measured;
  if (!first) throw new Error('A team has at least one thread.');

  const slotBytes = first.plan.parameters.bytes;
  const parameters = ARENA_START + Math.ceil(CONTROL_BYTES / 64) * 64;
  const derived = parameters + slotBytes * (1 + slots);
  const staging = derived + sizeOf(first.plan.derived);
  let next = staging + sizeOf(first.plan.staging);
  const placed = measured.map(({ plan }) => {
    const gradients = next;
    const activations = gradients + slotBytes;
    next = activations + sizeOf(plan.activations);
    return construct(plan.share, { parameters, derived, staging, gradients, activations });
  });
  const inPlace = placed[0];
  if (!inPlace) throw new Error('A team has at least one thread.');
  return { bytes: next, control: ARENA_START, parameters: inPlace.plan.parameters, slotBytes, placed };
}

/** Where arenas start while they are measured: not at 0, which stands for "not there" among addresses. */
const MEASURED_FROM = ARENA_START;

function sizeOf(arena: Arena): number {
  return arena.end - MEASURED_FROM;
}

interface Starts {
  readonly parameters: number;
  readonly derived: number;
  readonly staging: number;
  readonly gradients: number;
  readonly activations: number;
}
