/**
 * Where the parts of a cell stand, for each kind of cell: pure places, in one frame so that the cells can stand side by
 * side. Units are those of the drawing's view box; y grows downwards. Every part names what it shows by its role in the
 * cell; parts.ts says what that is in numbers.
 *
 *     the state runs along the top (y = BELT), the hidden state of the step before along the bottom (y = BASE), gates
 *     between them; the steps before and after stand at the sides.
 *
 * `stage` is the order of computation, from 0: what has a lower stage is computed first.
 */
import type { Colour } from '../../charts/figure.ts';
import type { Cell } from '../../../engine/experiment/experiment.ts';

export const WIDTH = 940;
export const HEIGHT = 424;
export const BODY = { x: 124, y: 24, width: 692, height: 312 } as const;
const BELT = 66;
const BASE = 366;
/** Where the hidden state leaves upwards. */
export const UP = 846;
const GATE_TOP = 214;
const GATE = { width: 116, height: 78 } as const;
const GATE_BOTTOM = GATE_TOP + GATE.height;

/** What can be shown of a cell at one step: gates, states, and what they make on the way. */
export type PartName =
  | 'forget'
  | 'input'
  | 'candidate'
  | 'output'
  | 'reset'
  | 'update'
  | 'recurrent'
  | 'preactivation'
  | 'kept'
  | 'written'
  | 'cell'
  | 'squashed'
  | 'hidden'
  | 'cellBefore'
  | 'hiddenBefore'
  | 'resetRecurrent'
  | 'complement'
  | 'x';

/** One number for each part: of a unit, or the mean of several. */
export type PartValues = Readonly<Partial<Record<PartName, number>>>;

export interface GateBox {
  readonly part: PartName;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly colour: Colour;
  readonly squash: 'sigmoid' | 'tanh' | 'relu' | 'sum';
  readonly stage: number;
}

export interface Operation {
  readonly part: PartName;
  readonly x: number;
  readonly y: number;
  /** A word is drawn as a pill, a sign as a circle. */
  readonly sign: string;
  readonly colour: Colour;
  readonly stage: number;
}

export interface WireLine {
  readonly id: string;
  /** Whose value flows along it. */
  readonly part: PartName;
  readonly path: string;
  readonly colour: Colour;
  /** Carries a state: as wide as the state is large. */
  readonly state: boolean;
  readonly stage: number;
}

export interface NumberPlace {
  readonly part: PartName;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

export interface CellLayout {
  readonly gates: readonly GateBox[];
  readonly operations: readonly Operation[];
  readonly wires: readonly WireLine[];
  readonly numbers: readonly NumberPlace[];
  readonly dots: readonly { readonly x: number; readonly y: number }[];
  /** Of the pill that shows the input. */
  readonly input: { readonly x: number; readonly y: number };
  readonly stages: number;
}

function gate(part: PartName, centre: number, colour: Colour, squash: GateBox['squash'], stage = 1): GateBox {
  return { part, x: centre - GATE.width / 2, y: GATE_TOP, ...GATE, colour, squash, stage };
}

/** What rises from the bottom line to a gate. */
function feed(part: PartName, centre: number, colour: Colour = 'edge'): WireLine {
  return wire(`feed-${part}`, part, `M${centre} ${BASE}V${GATE_BOTTOM}`, colour, 0);
}

function wire(id: string, part: PartName, path: string, colour: Colour, stage: number, state = false): WireLine {
  return { id, part, path, colour, stage, state };
}

const [F, I, G, O] = [232, 384, 512, 656] as const;
const ADD = 448;
const OUT = 736;

const LSTM: CellLayout = {
  gates: [
    gate('forget', F, 'forget', 'sigmoid'),
    gate('input', I, 'input', 'sigmoid'),
    gate('candidate', G, 'candidate', 'tanh'),
    gate('output', O, 'output', 'sigmoid'),
  ],
  operations: [
    { part: 'kept', x: F, y: BELT, sign: '\u00d7', colour: 'forget', stage: 2 },
    { part: 'written', x: ADD, y: 150, sign: '\u00d7', colour: 'ink', stage: 2 },
    { part: 'cell', x: ADD, y: BELT, sign: '+', colour: 'cell', stage: 3 },
    { part: 'squashed', x: OUT, y: 118, sign: 'tanh', colour: 'ink', stage: 4 },
    { part: 'hidden', x: OUT, y: 172, sign: '\u00d7', colour: 'output', stage: 5 },
  ],
  wires: [
    wire('belt-in', 'cellBefore', `M0 ${BELT}H${F}`, 'cell', 0, true),
    wire('belt-kept', 'kept', `M${F} ${BELT}H${ADD}`, 'cell', 2, true),
    wire('belt-out', 'cell', `M${ADD} ${BELT}H${WIDTH}`, 'cell', 3, true),
    wire('base-in', 'hiddenBefore', `M0 ${BASE}H${O}`, 'hidden', 0, true),
    feed('forget', F),
    feed('input', I),
    feed('candidate', G),
    feed('output', O),
    wire('forget-up', 'forget', `M${F} ${GATE_TOP}V${BELT}`, 'forget', 1),
    wire('input-up', 'input', `M${I} ${GATE_TOP}V150H${ADD}`, 'input', 1),
    wire('candidate-up', 'candidate', `M${G} ${GATE_TOP}V150H${ADD}`, 'candidate', 1),
    wire('written-up', 'written', `M${ADD} 150V${BELT}`, 'cell', 2),
    wire('cell-down', 'cell', `M${OUT} ${BELT}V118`, 'cell', 3),
    wire('squashed-down', 'squashed', `M${OUT} 118V172`, 'cell', 4),
    wire('output-up', 'output', `M${O} ${GATE_TOP}V172H${OUT}`, 'output', 1),
    wire('hidden-out', 'hidden', `M${OUT} 172V${BASE}H${WIDTH}`, 'hidden', 5, true),
    wire('hidden-up', 'hidden', `M${UP} ${BASE}V12`, 'hidden', 6),
  ],
  numbers: [
    { part: 'cellBefore', x: 8, y: BELT - 20, anchor: 'start' },
    { part: 'kept', x: 300, y: BELT - 16, anchor: 'start' },
    { part: 'written', x: ADD + 22, y: 112, anchor: 'start' },
    { part: 'cell', x: WIDTH - 8, y: BELT - 20, anchor: 'end' },
    { part: 'squashed', x: OUT + 12, y: 150, anchor: 'start' },
    { part: 'hiddenBefore', x: 8, y: BASE - 16, anchor: 'start' },
    { part: 'hidden', x: WIDTH - 8, y: BASE - 16, anchor: 'end' },
  ],
  dots: [F, I, G, O].map((x) => ({ x, y: BASE })),
  input: { x: 168, y: BASE },
  stages: 7,
};

const Z = 232;
const N = 454;
const R = 640;

const GRU: CellLayout = {
  gates: [
    gate('update', Z, 'forget', 'sigmoid'),
    gate('candidate', N, 'candidate', 'tanh', 3),
    gate('reset', R, 'input', 'sigmoid'),
  ],
  operations: [
    { part: 'kept', x: Z, y: BELT, sign: '\u00d7', colour: 'forget', stage: 2 },
    { part: 'complement', x: 344, y: 150, sign: '1 \u2212', colour: 'forget', stage: 2 },
    { part: 'written', x: N, y: 150, sign: '\u00d7', colour: 'ink', stage: 4 },
    { part: 'hidden', x: N, y: BELT, sign: '+', colour: 'hidden', stage: 5 },
    { part: 'resetRecurrent', x: N, y: 326, sign: '\u00d7', colour: 'input', stage: 2 },
  ],
  wires: [
    wire('belt-in', 'hiddenBefore', `M0 ${BELT}H${Z}`, 'hidden', 0, true),
    wire('belt-kept', 'kept', `M${Z} ${BELT}H${N}`, 'hidden', 2, true),
    wire('belt-out', 'hidden', `M${N} ${BELT}H${WIDTH}`, 'hidden', 5, true),
    wire('base-down', 'hiddenBefore', `M98 ${BELT}V${BASE}H${R}`, 'hidden', 0, true),
    feed('update', Z),
    wire('feed-recurrent', 'recurrent', `M${N} ${BASE}V326`, 'edge', 0),
    feed('reset', R),
    wire('reset-recurrent-up', 'resetRecurrent', `M${N} 326V${GATE_BOTTOM}`, 'input', 2),
    wire('reset-out', 'reset', `M${R} ${GATE_TOP}V190H548V326H${N}`, 'input', 1),
    wire('update-up', 'update', `M${Z} ${GATE_TOP}V${BELT}`, 'forget', 1),
    wire('update-across', 'update', `M${Z} 150H344`, 'forget', 1),
    wire('complement-across', 'complement', `M344 150H${N}`, 'forget', 2),
    wire('candidate-up', 'candidate', `M${N} ${GATE_TOP}V150`, 'candidate', 3),
    wire('written-up', 'written', `M${N} 150V${BELT}`, 'hidden', 4),
    wire('hidden-up', 'hidden', `M${UP} ${BELT}V12`, 'hidden', 6),
  ],
  numbers: [
    { part: 'hiddenBefore', x: 8, y: BELT - 20, anchor: 'start' },
    { part: 'kept', x: 290, y: BELT - 16, anchor: 'start' },
    { part: 'complement', x: 378, y: 140, anchor: 'start' },
    { part: 'written', x: N + 22, y: 112, anchor: 'start' },
    { part: 'resetRecurrent', x: N + 20, y: 320, anchor: 'start' },
    { part: 'hidden', x: WIDTH - 8, y: BELT - 20, anchor: 'end' },
  ],
  dots: [Z, N, R].map((x) => ({ x, y: BASE })),
  input: { x: 168, y: BASE },
  stages: 7,
};

const S = 454;

const RNN: CellLayout = {
  gates: [{ ...gate('preactivation', S, 'candidate', 'sum'), x: S - 70, width: 140 }],
  operations: [{ part: 'hidden', x: S, y: 128, sign: 'tanh', colour: 'hidden', stage: 2 }],
  wires: [
    wire('base-in', 'hiddenBefore', `M0 ${BASE}H${S}`, 'hidden', 0, true),
    feed('preactivation', S),
    wire('sum-up', 'preactivation', `M${S} ${GATE_TOP}V128`, 'candidate', 1),
    wire('hidden-out', 'hidden', `M${S} 128V${BELT}H${OUT}V${BASE}H${WIDTH}`, 'hidden', 2, true),
    wire('hidden-up', 'hidden', `M${UP} ${BASE}V12`, 'hidden', 3),
  ],
  numbers: [
    { part: 'hiddenBefore', x: 8, y: BASE - 16, anchor: 'start' },
    { part: 'hidden', x: WIDTH - 8, y: BASE - 16, anchor: 'end' },
  ],
  dots: [{ x: S, y: BASE }],
  input: { x: 168, y: BASE },
  stages: 4,
};

export const LAYOUTS: Readonly<Record<Cell, CellLayout>> = { lstm: LSTM, gru: GRU, rnn: RNN };
