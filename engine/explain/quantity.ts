/**
 * Quantities: numbers of a pass that can be followed. Each has a symbol, a value, and, unless it is given (a weight, an
 * input), the formula that defines it over other quantities, which can be followed in turn. Plain values, fit to be sent
 * to other threads; what is shown of a formula, and what it comes to, both follow from the same tree.
 */

/** How it is written: "f" with index "5" and step 3 is f_5(3). Units and rows count from 1 here, as on the screen. */
export interface QuantitySymbol {
  readonly letter: string;
  /** Of the gate a weight belongs to: "f" in W_f. */
  readonly gate?: string;
  /** Unit, or row and column. */
  readonly index?: string;
  /** From 1; 0 is the state before the first step. Weights have none. */
  readonly step?: number;
}

export type SquashName = 'sigmoid' | 'tanh' | 'relu' | 'gelu';

export type Expression =
  | { readonly kind: 'quantity'; readonly key: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'sum'; readonly terms: readonly Expression[] }
  | { readonly kind: 'difference'; readonly from: Expression; readonly take: Expression }
  | { readonly kind: 'product'; readonly factors: readonly Expression[] }
  | { readonly kind: 'quotient'; readonly dividend: Expression; readonly divisor: Expression }
  | { readonly kind: 'root'; readonly argument: Expression }
  /** The exponential of one quantity as a share of those of all that it is among. */
  | { readonly kind: 'softmax'; readonly key: string; readonly among: readonly string[] }
  | { readonly kind: 'squash'; readonly squash: SquashName; readonly argument: Expression }
  /** A row of a matrix times a vector: the sum of `weights[i] * values[i]`. */
  | {
      readonly kind: 'dot';
      readonly matrix: QuantitySymbol;
      readonly vector: QuantitySymbol;
      readonly terms: readonly DotTerm[];
    };

export interface DotTerm {
  readonly weight: string;
  readonly value: string;
}

export interface Operand {
  readonly key: string;
  readonly symbol: QuantitySymbol;
  readonly value: number;
}

export interface Quantity extends Operand {
  /** What kind of thing it is: names a message for people. */
  readonly name: string;
  /** It is held at its value: nothing that came before has made it. */
  readonly held?: boolean;
  /** Absent where it is given or held. */
  readonly formula?: Expression;
  /** The same formula one step further, where it squashes one quantity that has a formula of its own. */
  readonly expanded?: { readonly formula: Expression; readonly operands: readonly Operand[] };
  /** Every quantity in the formula, in its order; of a `dot`, weight and value of each term in turn. */
  readonly operands: readonly Operand[];
  /** What it is an element of, as all units of a gate at its step; and its place in it. */
  readonly among?: { readonly values: Float32Array; readonly place: number };
}

/** What an expression comes to, in double precision. `lookUp`: the values of quantities by key. */
export function evaluate(expression: Expression, lookUp: (key: string) => number): number {
  switch (expression.kind) {
    case 'quantity':
      return lookUp(expression.key);
    case 'number':
      return expression.value;
    case 'sum':
      return expression.terms.reduce((sum, term) => sum + evaluate(term, lookUp), 0);
    case 'difference':
      return evaluate(expression.from, lookUp) - evaluate(expression.take, lookUp);
    case 'product':
      return expression.factors.reduce((product, factor) => product * evaluate(factor, lookUp), 1);
    case 'quotient':
      return evaluate(expression.dividend, lookUp) / evaluate(expression.divisor, lookUp);
    case 'root':
      return Math.sqrt(evaluate(expression.argument, lookUp));
    case 'softmax': {
      const largest = Math.max(...expression.among.map(lookUp));
      const sum = expression.among.reduce((total, key) => total + Math.exp(lookUp(key) - largest), 0);
      return Math.exp(lookUp(expression.key) - largest) / sum;
    }
    case 'squash':
      return squash(expression.squash, evaluate(expression.argument, lookUp));
    case 'dot':
      return expression.terms.reduce((sum, { weight, value }) => sum + lookUp(weight) * lookUp(value), 0);
  }
}

export function squash(name: SquashName, value: number): number {
  if (name === 'relu') return Math.max(0, value);
  if (name === 'gelu') return (value / 2) * (1 + erf(value / Math.SQRT2));
  return name === 'tanh' ? Math.tanh(value) : 1 / (1 + Math.exp(-value));
}

/** The error function: its series (Abramowitz & Stegun 1964, 7.1.6), and 1 where doubles cannot tell it from that. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Keys of the quantities in an expression, in their order, each once. */
export function keysOf(expression: Expression): readonly string[] {
  const keys = new Set<string>();
  const visit = (inner: Expression): void => {
    if (inner.kind === 'quantity') keys.add(inner.key);
    else if (inner.kind === 'sum') inner.terms.forEach(visit);
    else if (inner.kind === 'product') inner.factors.forEach(visit);
    else if (inner.kind === 'squash' || inner.kind === 'root') visit(inner.argument);
    else if (inner.kind === 'difference') [inner.from, inner.take].forEach(visit);
    else if (inner.kind === 'quotient') [inner.dividend, inner.divisor].forEach(visit);
    else if (inner.kind === 'softmax') [inner.key, ...inner.among].forEach((key) => keys.add(key));
    else if (inner.kind === 'dot') inner.terms.forEach(({ weight, value }) => keys.add(weight).add(value));
  };
  visit(expression);
  return [...keys];
}
