/**
 * The quantities of one recurrent layer in one direction over one sequence: gates, states, weighted sums, down to weights
 * and inputs. PyTorch's definitions and names; keys are `part@step:unit`, and `tensor[row,column]` of weights, from 0.
 *
 *     sum.forget@3:5     the weighted sum that the forget gate of unit 5 squashes
 *     input.forget@3:5   its part from the input, W x; recurrent.forget@3:5 its part from the state before, U h
 *     hidden@-1:5        the state before the first step (in reverse: after the last one)
 */
import type { FloatTensors } from '../formats/checkpoint.ts';
import type { CellKind } from '../layers/cells.ts';
import { UnrolledError } from '../errors.ts';
import { isHeld, type Hold } from './holds.ts';
import {
  evaluate,
  keysOf,
  type Expression,
  type Operand,
  type Quantity,
  type QuantitySymbol,
  type SquashName,
} from './quantity.ts';

export interface CellReading {
  readonly cell: CellKind;
  readonly relu: boolean;
  readonly layer: number;
  readonly reverse: boolean;
  /** T */
  readonly steps: number;
  /** H */
  readonly units: number;
  /** By the trace's own name, as 'forget' or 'hidden': [T, H]. */
  readonly traces: Readonly<Record<string, Float32Array>>;
  /** What the layer reads: [T, I] numbers, or symbols whose column of the weight is taken. */
  readonly input: { readonly values: Float32Array } | { readonly tokens: Int32Array };
  /** h and c before the first step, where they are not zero: [H]. */
  readonly start?: { readonly hidden: Float32Array; readonly cell?: Float32Array };
  /** What was held in the pass. */
  readonly holds: readonly Hold[];
  /** All of the model's, by PyTorch's names. */
  readonly weights: FloatTensors;
}

/** Rows of PyTorch's matrices, and the letter in formulas. */
const GATES: Readonly<Record<CellKind, Readonly<Record<string, { readonly block: number; readonly letter: string }>>>> =
  {
    lstm: {
      input: { block: 0, letter: 'i' },
      forget: { block: 1, letter: 'f' },
      candidate: { block: 2, letter: 'g' },
      output: { block: 3, letter: 'o' },
    },
    gru: {
      reset: { block: 0, letter: 'r' },
      update: { block: 1, letter: 'z' },
      candidate: { block: 2, letter: 'n' },
    },
    rnn: { preactivation: { block: 0, letter: 's' } },
  };

const STATE_LETTERS = { hidden: 'h', cell: 'c' } as const;

interface Place {
  readonly name: string;
  readonly gate: string;
  readonly step: number;
  readonly unit: number;
}

type Definition = Pick<Quantity, 'name' | 'symbol' | 'held'> & {
  readonly given?: number;
  readonly formula?: Expression;
};

/** Throws UnrolledError where there is no quantity of that key. */
export function cellQuantity(reading: CellReading, key: string): Quantity {
  const { name, symbol, formula, held } = define(reading, key);
  const operands = formula === undefined ? [] : operandsOf(reading, formula);
  const expanded = formula === undefined ? undefined : expand(reading, formula);
  const among = neighbours(reading, key);
  return {
    key,
    name,
    symbol,
    value: valueOf(reading, key),
    operands,
    ...(held === true ? { held } : {}),
    ...(formula === undefined ? {} : { formula }),
    ...(expanded === undefined ? {} : { expanded: { formula: expanded, operands: operandsOf(reading, expanded) } }),
    ...(among === undefined ? {} : { among }),
  };
}

function operandsOf(reading: CellReading, formula: Expression): readonly Operand[] {
  return keysOf(formula).map((key) => ({ key, symbol: define(reading, key).symbol, value: valueOf(reading, key) }));
}

function expand(reading: CellReading, formula: Expression): Expression | undefined {
  if (formula.kind !== 'squash' || formula.argument.kind !== 'quantity') return undefined;
  const argument = define(reading, formula.argument.key).formula;
  return argument?.kind === 'sum' ? { ...formula, argument } : undefined;
}

/** As the trace has it; what has no trace is computed from its operands. */
function valueOf(reading: CellReading, key: string): number {
  const { given, formula } = define(reading, key);
  if (given !== undefined) return given;
  return formula === undefined ? NaN : evaluate(formula, (operand) => valueOf(reading, operand));
}

function define(reading: CellReading, key: string): Definition {
  const weight = /^(.+)\[(\d+),(\d+)\]$/u.exec(key);
  if (weight !== null) return weightOf(reading, weight[1]!, Number(weight[2]), Number(weight[3]));
  const [, kind = '', gate = '', step = '', unit = ''] = /^(?:(\w+)\.)?(\w+)@(-?\d+):(\d+)$/u.exec(key) ?? [];
  const place = { name: kind, gate, step: Number(step), unit: Number(unit) };
  const found = gate === '' ? undefined : kind === '' ? partOf(reading, place) : sumOf(reading, place);
  if (found === undefined) throw new UnrolledError('no-quantity', `There is no quantity "${key}".`);
  return found;
}

const quantity = (key: string): Expression => ({ kind: 'quantity', key });
const sum = (...terms: Expression[]): Expression => ({ kind: 'sum', terms });
const product = (...factors: Expression[]): Expression => ({ kind: 'product', factors });
const squashed = (squash: SquashName, argument: Expression): Expression => ({ kind: 'squash', squash, argument });

function partOf(reading: CellReading, { gate: part, step, unit }: Place): Definition | undefined {
  const { cell, relu, units, traces } = reading;
  const symbol = (letter: string): QuantitySymbol => ({ letter, index: String(unit + 1), step: step + 1 });
  const at = (name: string, when = step): Expression => quantity(`${name}@${when}:${unit}`);
  const traced = (name: string): { given?: number } => {
    const value = traces[name]?.[step * units + unit];
    return value === undefined ? {} : { given: value };
  };
  const before = step + (reading.reverse ? 1 : -1);
  if (unit >= units) return undefined;
  const isState = part === 'hidden' || part === 'cell';
  if (isState && (step < 0 || step >= reading.steps)) {
    const given = reading.start?.[part]?.[unit] ?? 0;
    return { name: `${part}Start`, symbol: symbol(STATE_LETTERS[part]), given };
  }
  if (step < 0 || step >= reading.steps) return undefined;
  const gate = GATES[cell][part];
  if (isHeld(reading.holds, { part, layer: reading.layer, reverse: reading.reverse }, step, unit)) {
    const letter = gate?.letter ?? (isState ? STATE_LETTERS[part] : part);
    return { name: part, symbol: symbol(letter), held: true, ...traced(part) };
  }
  if (gate !== undefined) {
    const weighted = quantity(`sum.${part}@${step}:${unit}`);
    const name = part === 'candidate' ? 'tanh' : 'sigmoid';
    const formula = cell === 'rnn' ? sumFormula(reading, part, step, unit) : squashed(name, weighted);
    return { name: part, symbol: symbol(gate.letter), formula, ...traced(part) };
  }
  switch (`${cell} ${part}`) {
    case 'lstm cell':
      return { name: part, symbol: symbol('c'), formula: sum(at('kept'), at('written')), ...traced(part) };
    case 'lstm kept':
      return { name: part, symbol: symbol('f\u00b7c'), formula: product(at('forget'), at('cell', before)) };
    case 'lstm written':
      return { name: part, symbol: symbol('i\u00b7g'), formula: product(at('input'), at('candidate')) };
    case 'lstm squashed':
      return { name: part, symbol: symbol('tanh\u00a0c'), formula: squashed('tanh', at('cell')) };
    case 'lstm hidden':
      return { name: part, symbol: symbol('h'), formula: product(at('output'), at('squashed')), ...traced(part) };
    case 'gru kept':
      return { name: part, symbol: symbol('z\u00b7h'), formula: product(at('update'), at('hidden', before)) };
    case 'gru complement': {
      const one = { kind: 'number', value: 1 } as const;
      return { name: part, symbol: symbol('1\u2212z'), formula: { kind: 'difference', from: one, take: at('update') } };
    }
    case 'gru written':
      return { name: part, symbol: symbol('(1\u2212z)\u00b7n'), formula: product(at('complement'), at('candidate')) };
    case 'gru recurrent': {
      const formula = sum(quantity(`recurrent.candidate@${step}:${unit}`), bias(reading, 'hh', 'candidate', unit));
      return { name: part, symbol: symbol('q'), formula, ...traced(part) };
    }
    case 'gru resetRecurrent':
      return { name: part, symbol: symbol('r\u00b7q'), formula: product(at('reset'), at('recurrent')) };
    case 'gru hidden':
      return { name: part, symbol: symbol('h'), formula: sum(at('kept'), at('written')), ...traced(part) };
    case 'rnn hidden': {
      const formula = squashed(relu ? 'relu' : 'tanh', at('preactivation'));
      return { name: part, symbol: symbol('h'), formula, ...traced(part) };
    }
    default:
      return undefined;
  }
}

function sumOf(reading: CellReading, { name, gate, step, unit }: Place): Definition | undefined {
  const place = GATES[reading.cell][gate];
  const index = String(unit + 1);
  const at = { index, step: step + 1 };
  const ofGate = reading.cell === 'rnn' ? {} : { gate: place?.letter ?? '' };
  if (name === 'x') {
    const given = inputAt(reading, step, unit);
    return given === undefined ? undefined : { name: 'x', symbol: { letter: 'x', ...at }, given };
  }
  if (place === undefined || step < 0 || step >= reading.steps || unit >= reading.units) return undefined;
  const { block } = place;
  const row = block * reading.units + unit;
  switch (name) {
    case 'sum':
      return { name, symbol: { letter: 'a', ...ofGate, ...at }, formula: sumFormula(reading, gate, step, unit) };
    case 'input':
      return {
        name: 'inputSum',
        symbol: { letter: 'W x', ...ofGate, ...at },
        formula: inputProduct(reading, ofGate, row, step),
      };
    case 'recurrent': {
      const before = step + (reading.reverse ? 1 : -1);
      const tensor = tensorName(reading, 'weight_hh');
      const terms = Array.from({ length: reading.units }, (_, k) => ({
        weight: `${tensor}[${row},${k}]`,
        value: `hidden@${before}:${k}`,
      }));
      const matrix = { letter: 'U', ...ofGate };
      const formula: Expression = { kind: 'dot', matrix, vector: { letter: 'h', step: before + 1 }, terms };
      return { name: 'recurrentSum', symbol: { letter: 'U h', ...ofGate, ...at }, formula };
    }
    default:
      return undefined;
  }
}

/** What a gate squashes. The candidate of the GRU takes of the state only what the reset gate lets through. */
function sumFormula(reading: CellReading, gate: string, step: number, unit: number): Expression {
  const fromInput = [quantity(`input.${gate}@${step}:${unit}`), bias(reading, 'ih', gate, unit)];
  if (reading.cell === 'gru' && gate === 'candidate')
    return sum(...fromInput, quantity(`resetRecurrent@${step}:${unit}`));
  return sum(...fromInput, quantity(`recurrent.${gate}@${step}:${unit}`), bias(reading, 'hh', gate, unit));
}

function inputProduct(reading: CellReading, ofGate: { gate?: string }, row: number, step: number): Expression {
  const tensor = tensorName(reading, 'weight_ih');
  if ('tokens' in reading.input) return quantity(`${tensor}[${row},${reading.input.tokens[step]!}]`);
  const width = reading.input.values.length / reading.steps;
  const terms = Array.from({ length: width }, (_, k) => ({
    weight: `${tensor}[${row},${k}]`,
    value: `x.x@${step}:${k}`,
  }));
  return { kind: 'dot', matrix: { letter: 'W', ...ofGate }, vector: { letter: 'x', step: step + 1 }, terms };
}

function inputAt({ input, steps }: CellReading, step: number, column: number): number | undefined {
  if ('tokens' in input) return undefined;
  return input.values[step * (input.values.length / steps) + column];
}

function bias(reading: CellReading, kind: 'ih' | 'hh', gate: string, unit: number): Expression {
  const block = GATES[reading.cell][gate]?.block ?? 0;
  return quantity(`${tensorName(reading, `bias_${kind}`)}[${block * reading.units + unit},0]`);
}

function tensorName({ layer, reverse }: CellReading, kind: string): string {
  return `recurrent.${kind}_l${layer}${reverse ? '_reverse' : ''}`;
}

function weightOf(reading: CellReading, tensor: string, row: number, column: number): Definition {
  const found = reading.weights.get(tensor);
  const [, columns = 1] = found?.shape ?? [];
  const given = found?.data[row * columns + column];
  if (given === undefined) throw new UnrolledError('no-quantity', `There is no weight ${tensor}[${row},${column}].`);
  const gates = Object.values(GATES[reading.cell]);
  const gate = gates.find(({ block }) => block === Math.floor(row / reading.units))?.letter;
  const unit = (row % reading.units) + 1;
  const ofGate = gate === undefined || reading.cell === 'rnn' ? {} : { gate };
  if (/bias/u.test(tensor)) {
    return {
      name: 'bias',
      symbol: { letter: /_hh/u.test(tensor) ? 'b\u2032' : 'b', ...ofGate, index: String(unit) },
      given,
    };
  }
  const letter = /_hh/u.test(tensor) ? 'U' : 'W';
  return { name: 'weight', symbol: { letter, ...ofGate, index: `${unit},${column + 1}` }, given };
}

/** All units at the same step, where the trace has them. */
function neighbours({ traces, units, steps }: CellReading, key: string): Quantity['among'] {
  const [, part = '', step = '', unit = ''] = /^(\w+)@(-?\d+):(\d+)$/u.exec(key) ?? [];
  const trace = traces[part];
  const at = Number(step);
  if (trace === undefined || step === '' || at < 0 || at >= steps) return undefined;
  return { values: trace.slice(at * units, (at + 1) * units), place: Number(unit) };
}
