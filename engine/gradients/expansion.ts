/**
 * The gradient of a parameter written out as a textbook would: a sum over losses of sums over uses of products of partial
 * derivatives. It is a tree that can be shown, and evaluated as it stands (evaluate.ts): nothing else is computed from it.
 *
 * For the LSTM, q(t) is the pair (h(t), c(t)): what one step hands to the next. `paths` takes a summand apart into the
 * single paths that q stands for.
 */
import type { LstmGate, ParameterName, UnrolledCell } from './unrolled-network.ts';

/** A quantity of the unrolled network; `step` counts from 1. Parameters have none: they are the same at each step. */
export interface Variable {
  readonly name: 'J' | 'y' | 'z' | 'h' | 'q' | 'cell' | 's' | ParameterName;
  readonly step?: number;
  /** Of s, u, w and b of the LSTM: one gate's rows. */
  readonly gate?: LstmGate;
}

/** d(of)/d(by); where `by` is a parameter, with everything before the step that `of` belongs to held still. */
export interface Partial {
  readonly kind: 'partial';
  readonly of: Variable;
  readonly by: Variable;
}

export interface Product {
  readonly kind: 'product';
  readonly factors: readonly Partial[];
}

/** One J(t) through one use, at step k; t = k for v and c. Steps count from 1. */
export interface Summand {
  readonly t: number;
  readonly k: number;
  readonly product: Product;
}

/** dJ(t)/d(parameter) as a sum over uses. */
export interface Expansion {
  readonly t: number;
  readonly parameter: Variable;
  readonly summands: readonly Summand[];
}

export interface ExpansionRequest {
  readonly cell: UnrolledCell;
  readonly parameter: ParameterName;
  /** Of the LSTM's u, w and b. */
  readonly gate?: LstmGate;
  /** J is a cross-entropy, whose probabilities y^ are a link of their own; otherwise y^ is z. */
  readonly softmax: boolean;
}

/** dJ/d(parameter) for T losses: row t - 1 is that of J(t). Those that have no loss are left out by the caller. */
export function expand(request: ExpansionRequest, T: number): readonly Expansion[] {
  return Array.from({ length: T }, (_, index) => expandLoss(request, index + 1));
}

/** dJ(t)/d(parameter). The nearest use comes first, as the textbook writes it. */
export function expandLoss(request: ExpansionRequest, t: number): Expansion {
  const { parameter } = request;
  const uses = usesPerLoss(parameter, t);
  return {
    t,
    parameter: parameterVariable(request),
    summands: uses.map((k) => ({ t, k, product: { kind: 'product', factors: factorsOf(request, t, k) } })),
  };
}

function usesPerLoss(parameter: ParameterName, t: number): readonly number[] {
  if (parameter === 'v' || parameter === 'c') return [t];
  return Array.from({ length: t }, (_, i) => t - i);
}

function parameterVariable({ parameter, gate }: ExpansionRequest): Variable {
  return gate && hasGates(parameter) ? { name: parameter, gate } : { name: parameter };
}

function hasGates(parameter: ParameterName): boolean {
  return parameter === 'u' || parameter === 'w' || parameter === 'b';
}

function factorsOf(request: ExpansionRequest, t: number, k: number): readonly Partial[] {
  const { cell, parameter, softmax } = request;
  const by = parameterVariable(request);
  const loss = softmax ? [partial(at('J', t), at('y', t)), partial(at('y', t), at('z', t))] : [lossByOutput(t)];
  if (parameter === 'v' || parameter === 'c') return [...loss, partial(at('z', t), by)];
  const state = cell === 'lstm' ? 'q' : 'h';
  const back: Partial[] = [];
  for (let j = t; j > k; j--) back.push(partial(at(state, j), at(state, j - 1)));
  const s: Variable = by.gate ? { name: 's', step: k, gate: by.gate } : at('s', k);
  return [...loss, partial(at('z', t), at(state, t)), ...back, partial(at(state, k), s), partial(s, by)];
}

function lossByOutput(t: number): Partial {
  return partial(at('J', t), at('z', t));
}

/**
 * The single paths of a summand of the LSTM, through h, c and s of each step; that through cell states alone first. There
 * are many where t - k is large: at most `limit` are made, and `count` says how many there are.
 */
export function pathsOf(
  request: ExpansionRequest,
  { t, k }: Pick<Summand, 't' | 'k'>,
  limit: number,
): { readonly count: number; readonly paths: readonly Product[] } {
  const { parameter, softmax, gate } = request;
  const by = parameterVariable(request);
  const loss = softmax ? [partial(at('J', t), at('y', t)), partial(at('y', t), at('z', t))] : [lossByOutput(t)];
  const start = [...loss, partial(at('z', t), at('h', t))];
  if (!hasGates(parameter)) return { count: 1, paths: [productOf([...loss, partial(at('z', t), by)])] };
  const ends = (vertex: 'h' | 'cell') => reachesGate(vertex, gate);
  const paths: Product[] = [];

  const finish = (way: readonly Partial[], from: Variable) => {
    const s: Variable = gate ? { name: 's', step: k, gate } : at('s', k);
    paths.push(productOf([...way, partial(from, s), partial(s, by)]));
  };
  const fromCell = (way: readonly Partial[], step: number): void => {
    if (paths.length >= limit) return;
    const here = at('cell', step);
    if (step === k) {
      if (ends('cell')) finish(way, here);
      return;
    }
    const before = at('cell', step - 1);
    fromCell([...way, partial(here, before)], step - 1);
    fromHidden([...way, partial(here, at('s', step)), partial(at('s', step), at('h', step - 1))], step - 1);
  };
  const fromHidden = (way: readonly Partial[], step: number): void => {
    if (paths.length >= limit) return;
    const here = at('h', step);
    fromCell([...way, partial(here, at('cell', step))], step);
    if (step === k) {
      if (ends('h') && paths.length < limit) finish(way, here);
      return;
    }
    fromHidden([...way, partial(here, at('s', step)), partial(at('s', step), at('h', step - 1))], step - 1);
  };
  fromHidden(start, t);
  return { count: countPaths(t - k, ends), paths };
}

// By recurrence, since there are twice to thrice as many for each step: from the use on, how many lead to c and to h.
function countPaths(steps: number, ends: (vertex: 'h' | 'cell') => boolean): number {
  let cell = Number(ends('cell'));
  let hidden = cell + Number(ends('h'));
  for (let step = 0; step < steps; step++) {
    cell += hidden;
    hidden += cell;
  }
  return hidden;
}

// h(k) depends on s(k) through the output gate alone once c(k) is held still; c(k) through the three others.
function reachesGate(vertex: 'h' | 'cell', gate: LstmGate | undefined): boolean {
  return gate === undefined || (gate === 'output') === (vertex === 'h');
}

function at(name: Variable['name'], step: number): Variable {
  return { name, step };
}

function partial(of: Variable, by: Variable): Partial {
  return { kind: 'partial', of, by };
}

function productOf(factors: readonly Partial[]): Product {
  return { kind: 'product', factors };
}
