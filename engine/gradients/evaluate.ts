/** The expansion's tree evaluated on a network's numbers: each partial derivative as a Jacobian of its own, multiplied. */
import type { Expansion, Partial, Product, Variable } from './expansion.ts';
import { dense, diagonal, norm, product, putBlock, type Dense } from './linear-algebra.ts';
import { slope } from './terms.ts';
import {
  LSTM_GATES,
  stateBefore,
  type LstmGate,
  type ParameterName,
  type UnrolledNetwork,
  type UnrolledStep,
} from './unrolled-network.ts';

/** One factor of a product, with what has been multiplied up to and including it. */
export interface Factor {
  readonly partial: Partial;
  /** [outputs, inputs]; a loss has one output, a matrix as many inputs as elements. */
  readonly shape: readonly [number, number];
  /** Frobenius', of the Jacobian. */
  readonly norm: number;
  /** [1, inputs] */
  readonly soFar: Dense;
  readonly soFarNorm: number;
}

/** Elements of a Jacobian that is kept for the next product that it is a factor of: 256 units' of an LSTM. */
const MOST_KEPT = 512 ** 2;

export class Evaluation {
  readonly #network: UnrolledNetwork;
  readonly #steps: readonly UnrolledStep[];
  /** By of/by and step: the terms of a network, and those of another parameter, share most of their factors. */
  readonly #kept = new Map<string, { readonly jacobian: Dense; readonly norm: number }>();

  constructor(network: UnrolledNetwork, steps: readonly UnrolledStep[]) {
    this.#network = network;
    this.#steps = steps;
  }

  /** [size of the parameter] */
  expansion({ summands }: Expansion): Float64Array {
    const values = summands.map((summand) => this.product(summand.product));
    const [first] = values;
    if (!first) throw new Error('An expansion has at least one summand.');
    return first.map((_, i) => values.reduce((sum, value) => sum + value[i]!, 0));
  }

  product(tree: Product): Float64Array {
    const last = this.factors(tree).at(-1);
    if (!last) throw new Error('A product has at least one factor.');
    return last.soFar.data;
  }

  /** From the loss on, left to right. */
  factors({ factors }: Product): readonly Factor[] {
    let soFar: Dense | undefined;
    return factors.map((partial) => {
      const used = soFar && this.#usedWith(partial);
      if (used) {
        // Row i of such a Jacobian holds the same vector at the places of row i: an outer product, never laid out.
        const rows = soFar!.cols;
        soFar = product(dense(rows, 1, soFar!.data), dense(1, used.length, used));
        soFar = dense(1, rows * used.length, soFar.data);
        const shape = [rows, rows * used.length] as const;
        return { partial, shape, norm: Math.sqrt(rows) * norm(used), soFar, soFarNorm: norm(soFar.data) };
      }
      const { jacobian, norm: length } = this.#measured(partial);
      soFar = soFar ? product(soFar, jacobian) : jacobian;
      const shape = [jacobian.rows, jacobian.cols] as const;
      return { partial, shape, norm: length, soFar, soFarNorm: norm(soFar.data) };
    });
  }

  /** Every factor's Jacobian multiplied as a whole matrix: the slow twin of `product`. */
  denseProduct({ factors }: Product): Float64Array {
    const [first, ...others] = factors.map((partial) => this.jacobian(partial));
    if (!first) throw new Error('A product has at least one factor.');
    return others.reduce((soFar, jacobian) => product(soFar, jacobian), first).data;
  }

  /** Throws where one does not depend on the other directly. */
  jacobian(partial: Partial): Dense {
    return this.#measured(partial).jacobian;
  }

  #measured(partial: Partial) {
    const { of, by } = partial;
    const key = [of.name, of.step, of.gate, by.name, by.step, by.gate].join();
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const jacobian = this.#jacobian(partial);
    const measured = { jacobian, norm: norm(jacobian.data) };
    if (jacobian.data.length <= MOST_KEPT) this.#kept.set(key, measured);
    return measured;
  }

  #jacobian({ of, by }: Partial): Dense {
    const t = (of.step ?? 0) - 1;
    const step = this.#steps[t];
    if (!step) throw new RangeError(`There is no step ${t + 1}.`);
    switch (`${of.name}/${by.name}`) {
      case 'J/y':
        return this.#lossByProbability(step, t);
      case 'J/z':
        return dense(1, step.dz.length, step.dz);
      case 'y/z':
        return softmaxJacobian(step.y);
      case 'z/h':
        return this.#head();
      case 'z/q':
        return this.#wide(this.#head(), 0);
      case 'z/v':
        return byMatrix(this.#network.outputSize, step.h);
      case 'z/c':
        return diagonal(new Float64Array(this.#network.outputSize).fill(1));
      case 'h/s':
        return this.#hiddenByPreactivation(step, by.gate);
      case 'h/cell':
        return this.#hiddenByCell(step);
      case 'h/h':
        return product(this.#hiddenByPreactivation(step, undefined), this.#recurrent());
      case 'cell/s':
        return this.#cellByPreactivation(step, t, by.gate);
      case 'cell/cell':
        return diagonal(gateOf(step, 'forget'));
      case 'q/s':
        return this.#pairByPreactivation(step, t, by.gate);
      case 'q/q':
        return this.#pairByPair(step, t);
      case 's/h':
        return this.#recurrent();
      case 's/u':
        return byMatrix(this.#rowsOf(of), this.#network.x[t]!);
      case 's/w':
        return byMatrix(this.#rowsOf(of), stateBefore(this.#network, this.#steps, t).h);
      case 's/b':
        return diagonal(new Float64Array(this.#rowsOf(of)).fill(1));
      default:
        throw new RangeError(`${of.name} does not depend on ${by.name} directly.`);
    }
  }

  // What a matrix is multiplied with at this use, where `by` is one.
  #usedWith({ of, by }: Partial): Float64Array | undefined {
    const t = (of.step ?? 0) - 1;
    switch (by.name) {
      case 'u':
        return this.#network.x[t];
      case 'w':
        return stateBefore(this.#network, this.#steps, t).h;
      case 'v':
        return this.#steps[t]?.h;
      default:
        return undefined;
    }
  }

  #lossByProbability({ y }: UnrolledStep, t: number): Dense {
    const target = this.#network.targets[t];
    const data = new Float64Array(y.length);
    if (typeof target === 'number') data[target] = -this.#network.lossScale / y[target]!;
    return dense(1, y.length, data);
  }

  #head(): Dense {
    const { outputSize, hiddenSize, weights } = this.#network;
    return dense(outputSize, hiddenSize, weights.v);
  }

  #recurrent(): Dense {
    const { hiddenSize, weights } = this.#network;
    return dense(weights.w.length / hiddenSize, hiddenSize, weights.w);
  }

  // A Jacobian with respect to h, or to c, as one with respect to (h, c).
  #wide(block: Dense, column: number): Dense {
    const out = dense(block.rows, 2 * this.#network.hiddenSize);
    putBlock(out, block, 0, column);
    return out;
  }

  #rowsOf({ gate }: Variable): number {
    const { hiddenSize, cell } = this.#network;
    return cell === 'lstm' && gate === undefined ? 4 * hiddenSize : hiddenSize;
  }

  #hiddenByPreactivation(step: UnrolledStep, gate: LstmGate | undefined): Dense {
    const { cell, hiddenSize: H } = this.#network;
    if (cell === 'rnn') return diagonal(step.s.map((_, j) => slope(this.#network, step, j)));
    return this.#columnsOf(H, [['output', diagonal(slopesOf(step, step.cell).output)]], gate);
  }

  #hiddenByCell(step: UnrolledStep): Dense {
    return diagonal(slopesOf(step, step.cell).hiddenByCell);
  }

  #cellByPreactivation(step: UnrolledStep, t: number, gate: LstmGate | undefined): Dense {
    const { input, forget, candidate } = slopesOf(step, stateBefore(this.#network, this.#steps, t).cell);
    return this.#columnsOf(
      this.#network.hiddenSize,
      [
        ['input', diagonal(input)],
        ['forget', diagonal(forget)],
        ['candidate', diagonal(candidate)],
      ],
      gate,
    );
  }

  // Side by side, the gates that are not named zero; of one gate, its columns alone.
  #columnsOf(rows: number, blocks: readonly (readonly [LstmGate, Dense])[], gate: LstmGate | undefined): Dense {
    const H = this.#network.hiddenSize;
    if (gate !== undefined) return blocks.find(([name]) => name === gate)?.[1] ?? dense(rows, H);
    const out = dense(rows, 4 * H);
    for (const [name, block] of blocks) putBlock(out, block, 0, LSTM_GATES.indexOf(name) * H);
    return out;
  }

  // (h, c) by s: c is no longer held still, so h takes the way through it as well.
  #pairByPreactivation(step: UnrolledStep, t: number, gate: LstmGate | undefined): Dense {
    const cell = this.#cellByPreactivation(step, t, gate);
    const through = product(this.#hiddenByCell(step), cell);
    const hidden = this.#hiddenByPreactivation(step, gate);
    return stack(
      dense(
        hidden.rows,
        hidden.cols,
        hidden.data.map((value, i) => value + through.data[i]!),
      ),
      cell,
    );
  }

  // The product of (h, c) by s with s by h, beside (h, c) by c: written out, since nearly all of the first is zero.
  #pairByPair(step: UnrolledStep, t: number): Dense {
    const { hiddenSize: H, weights } = this.#network;
    const { w } = weights;
    const slopes = slopesOf(step, stateBefore(this.#network, this.#steps, t).cell);
    const kept = gateOf(step, 'forget');
    const out = new Float64Array(4 * H * H);
    for (let j = 0; j < H; j++) {
      const [input, forget, candidate, output] = [
        slopes.input[j]!,
        slopes.forget[j]!,
        slopes.candidate[j]!,
        slopes.output[j]!,
      ];
      const byCell = slopes.hiddenByCell[j]!;
      const [hidden, state] = [j * 2 * H, (H + j) * 2 * H];
      for (let k = 0; k < H; k++) {
        const at = j * H + k;
        const through = input * w[at]! + forget * w[H * H + at]! + candidate * w[2 * H * H + at]!;
        out[state + k] = through;
        out[hidden + k] = byCell * through + output * w[3 * H * H + at]!;
      }
      out[state + H + j] = kept[j]!;
      out[hidden + H + j] = byCell * kept[j]!;
    }
    return dense(2 * H, 2 * H, out);
  }
}

/** Columns of one gate's weights in the gradient of all: which elements of a parameter a gate owns. */
export function gateRange(network: UnrolledNetwork, parameter: ParameterName, gate: LstmGate) {
  const size = network.weights[parameter].length / 4;
  const from = LSTM_GATES.indexOf(gate) * size;
  return { from, to: from + size };
}

/** Of the LSTM, each [H]: of c by the preactivations of three gates, of h by the output gate's, and of h by c. */
function slopesOf(step: UnrolledStep, cellBefore: Float64Array) {
  const [i, f, g, o] = LSTM_GATES.map((gate) => gateOf(step, gate)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const squashed = step.cell.map(Math.tanh);
  return {
    input: i.map((value, j) => g[j]! * value * (1 - value)),
    forget: f.map((value, j) => cellBefore[j]! * value * (1 - value)),
    candidate: g.map((value, j) => i[j]! * (1 - value * value)),
    output: o.map((value, j) => squashed[j]! * value * (1 - value)),
    hiddenByCell: o.map((value, j) => value * (1 - squashed[j]! ** 2)),
  };
}

function gateOf({ gates }: UnrolledStep, gate: LstmGate): Float64Array {
  const H = gates.length / 4;
  const from = LSTM_GATES.indexOf(gate) * H;
  return gates.subarray(from, from + H);
}

function softmaxJacobian(y: Float64Array): Dense {
  const n = y.length;
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) out[i * n + j] = y[i]! * ((i === j ? 1 : 0) - y[j]!);
  }
  return dense(n, n, out);
}

// (matrix x) by the elements of the matrix, row-major: row i of the result holds x at the places of row i.
function byMatrix(rows: number, x: Float64Array): Dense {
  const out = new Float64Array(rows * rows * x.length);
  for (let i = 0; i < rows; i++) out.set(x, i * rows * x.length + i * x.length);
  return dense(rows, rows * x.length, out);
}

function stack(top: Dense, bottom: Dense): Dense {
  const data = new Float64Array(top.data.length + bottom.data.length);
  data.set(top.data);
  data.set(bottom.data, top.data.length);
  return dense(top.rows + bottom.rows, top.cols, data);
}
