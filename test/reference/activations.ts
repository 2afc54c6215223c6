/** Activation functions and their derivatives at x. */

export interface Activation {
  readonly value: (x: number) => number;
  readonly derivative: (x: number) => number;
}

/** erf(x) = 2 / sqrt(pi) exp(-x^2) sum over n of 2^n x^(2n+1) / (1 3 5 ... (2n+1)) (Abramowitz & Stegun 7.1.6). */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

function normalDistribution(x: number): number {
  return (1 + erf(x / Math.SQRT2)) / 2;
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export const sigmoid: Activation = { value: logistic, derivative: (x) => logistic(x) * logistic(-x) };

export const tanh: Activation = { value: Math.tanh, derivative: (x) => 1 / Math.cosh(x) ** 2 };

export const relu: Activation = { value: (x) => Math.max(x, 0), derivative: (x) => (x > 0 ? 1 : 0) };

/** x Phi(x), Phi the normal distribution function. */
export const gelu: Activation = {
  value: (x) => x * normalDistribution(x),
  derivative: (x) => normalDistribution(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
};
