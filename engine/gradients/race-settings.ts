/**
 * A race: some recurrent models that learn the same task from the same batches, one update each in turn. Everything that
 * determines it is in its settings, which can be written as one short text, for an address.
 */
import type { Experiment, TaskChoice } from '../experiment/experiment.ts';
import { parseExperiment } from '../experiment/schema.ts';

export const RACE_TASKS = ['adding', 'copy-memory', 'parity'] as const;
export type RaceTask = (typeof RACE_TASKS)[number];
export const RACE_CELLS = ['rnn', 'lstm', 'gru'] as const;
export const RACE_STARTS = ['uniform', 'normal', 'orthogonal', 'identity'] as const;
export const RACE_OPTIMIZERS = ['adam', 'sgd'] as const;
/** Models that are raced at once. */
export const MOST_LANES = 4;

export interface LaneSettings {
  readonly cell: (typeof RACE_CELLS)[number];
  /** Of the plain cell. */
  readonly activation: 'tanh' | 'relu';
  /** How W_hh is drawn, and what it is then multiplied with. */
  readonly recurrent: (typeof RACE_STARTS)[number];
  readonly scale: number;
  /** Of the LSTM; 'chrono': for memories of up to T steps. */
  readonly forgetBias: number | 'chrono';
  /** 0: not clipped. */
  readonly clipNorm: number;
  /** W: no gradient goes back across multiples of so many steps; 0: all the way. */
  readonly window: number;
}

export interface RaceSettings {
  readonly task: RaceTask;
  /** T */
  readonly steps: number;
  /** H, of the LSTM where parameters are matched. */
  readonly units: number;
  /** 'parameters': each model has as many units as give it about as many parameters as an LSTM of `units`. */
  readonly match: 'parameters' | 'units';
  readonly batchSize: number;
  readonly optimizer: (typeof RACE_OPTIMIZERS)[number];
  readonly learningRate: number;
  readonly updates: number;
  readonly seed: number;
  readonly lanes: readonly LaneSettings[];
}

export const PLAIN_LANE: LaneSettings = {
  cell: 'rnn',
  activation: 'tanh',
  recurrent: 'uniform',
  scale: 1,
  forgetBias: 1,
  clipNorm: 1,
  window: 0,
};

/** Steps that copying takes without its delay. */
const COPY_STEPS = 20;
/** Ends of what can be set. T: each task has its own beginning. */
export const RACE_RANGES = {
  steps: { adding: [2, 400], 'copy-memory': [COPY_STEPS + 1, 200], parity: [10, 200] },
  units: [2, 128],
  batchSize: [1, 128],
  learningRate: [1e-6, 10],
  updates: [1, 100_000],
  seed: [0, 0xffff_ffff],
  scale: [0, 10],
  forgetBias: [-10, 10],
  clipNorm: [0, 1000],
  window: [0, 400],
} as const;

const GATES = { rnn: 1, gru: 3, lstm: 4 } as const;
const WIDTHS: Readonly<Record<RaceTask, { readonly inputs: number; readonly outputs: number }>> = {
  adding: { inputs: 2, outputs: 1 },
  'copy-memory': { inputs: 10, outputs: 9 },
  parity: { inputs: 2, outputs: 2 },
};

/** Trainable numbers of a model of H units. */
export function parametersOf(cell: LaneSettings['cell'], H: number, task: RaceTask): number {
  const { inputs, outputs } = WIDTHS[task];
  return GATES[cell] * H * (inputs + H + 2) + outputs * (H + 1);
}

/** H of a lane: the number of units whose parameters are nearest to those of the LSTM. */
export function unitsOf({ cell }: LaneSettings, { units, match, task }: RaceSettings): number {
  if (match === 'units') return units;
  const wanted = parametersOf('lstm', units, task);
  let H = 1;
  while (parametersOf(cell, H + 1, task) <= wanted) H++;
  const [below, above] = [H, H + 1].map((size) => Math.abs(parametersOf(cell, size, task) - wanted));
  return above! < below! ? H + 1 : H;
}

function taskChoice({ task, steps }: RaceSettings): TaskChoice {
  return task === 'copy-memory' ? { id: task, delay: steps - COPY_STEPS } : { id: task, length: steps };
}

/** A lane as the experiment that it is, but for its window, which experiments do not have. */
export function laneExperiment(lane: LaneSettings, race: RaceSettings): Experiment {
  const { cell, activation, recurrent, scale, forgetBias, clipNorm } = lane;
  // Le, Jaitly & Hinton 2015 draw input weights from a Gaussian where the recurrent ones are the identity.
  const init = { recurrent, recurrentScale: scale, input: recurrent === 'identity' ? 'normal' : 'uniform' };
  const chrono = forgetBias === 'chrono';
  const forget = chrono ? { chronoSteps: Math.max(3, race.steps) } : { forgetBias };
  return parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    seed: race.seed,
    task: taskChoice(race),
    model: {
      cell,
      hiddenSize: unitsOf(lane, race),
      init: cell === 'lstm' ? { ...init, ...forget } : init,
      ...(cell === 'rnn' ? { nonlinearity: activation } : {}),
    },
    training: {
      batchSize: race.batchSize,
      updates: race.updates,
      optimizer: {
        kind: race.optimizer,
        learningRate: race.learningRate,
        ...(race.optimizer === 'sgd' ? { momentum: 0.9 } : {}),
      },
      schedule: { kind: 'cosine', warmup: Math.min(20, race.updates), floor: 0.02 },
      clipNorm,
    },
  });
}

/** "adding;T=100;H=64;match=parameters;B=32;adam=0.003;updates=4000;seed=1;rnn,tanh,clip=1;lstm,forget=1,clip=1" */
export function formatRace(race: RaceSettings): string {
  const { task, steps, units, match, batchSize, optimizer, learningRate, updates, seed, lanes } = race;
  return [
    task,
    `T=${steps}`,
    `H=${units}`,
    `match=${match}`,
    `B=${batchSize}`,
    `${optimizer}=${learningRate}`,
    `updates=${updates}`,
    `seed=${seed}`,
    ...lanes.map(formatLane),
  ].join(';');
}

function formatLane({ cell, activation, recurrent, scale, forgetBias, clipNorm, window }: LaneSettings): string {
  return [
    cell,
    ...(cell === 'rnn' && activation !== PLAIN_LANE.activation ? [activation] : []),
    ...(recurrent === PLAIN_LANE.recurrent ? [] : [recurrent]),
    ...(scale === PLAIN_LANE.scale ? [] : [`scale=${scale}`]),
    ...(cell === 'lstm' ? [`forget=${forgetBias}`] : []),
    `clip=${clipNorm}`,
    ...(window === 0 ? [] : [`window=${window}`]),
  ].join(',');
}

/** The race that such a text writes; undefined where it is none. Numbers beyond their range are brought to its end. */
export function parseRace(text: string): RaceSettings | undefined {
  const [first, ...fields] = text.split(';');
  const task = RACE_TASKS.find((known) => known === first);
  if (task === undefined) return undefined;
  const named = new Map(fields.filter((field) => !isLane(field)).map((field) => splitField(field)));
  const lanes = fields.filter(isLane).slice(0, MOST_LANES).map(parseLane);
  const optimizer = RACE_OPTIMIZERS.find((kind) => named.has(kind)) ?? 'adam';
  if (lanes.length === 0) return undefined;
  const { units, batchSize, learningRate, updates, seed } = RACE_RANGES;
  const steps = RACE_RANGES.steps[task];
  return {
    task,
    steps: whole(named.get('T'), steps, Math.max(steps[0], 40)),
    units: whole(named.get('H'), units, 32),
    match: named.get('match') === 'units' ? 'units' : 'parameters',
    batchSize: whole(named.get('B'), batchSize, 32),
    optimizer,
    learningRate: within(named.get(optimizer), learningRate, 0.003),
    updates: whole(named.get('updates'), updates, 2000),
    seed: whole(named.get('seed'), seed, 1),
    lanes,
  };
}

function isLane(field: string): boolean {
  return RACE_CELLS.some((cell) => field.split(',')[0] === cell);
}

function splitField(field: string): readonly [string, string] {
  const [name = '', value = ''] = field.split('=');
  return [name, value];
}

function parseLane(field: string): LaneSettings {
  const [cell, ...rest] = field.split(',');
  const named = new Map(rest.map((part) => splitField(part)));
  const { scale, forgetBias, clipNorm, window } = RACE_RANGES;
  return {
    cell: RACE_CELLS.find((known) => known === cell) ?? PLAIN_LANE.cell,
    activation: cell === 'rnn' && named.has('relu') ? 'relu' : PLAIN_LANE.activation,
    recurrent: RACE_STARTS.find((start) => named.has(start)) ?? PLAIN_LANE.recurrent,
    scale: within(named.get('scale'), scale, PLAIN_LANE.scale),
    forgetBias:
      cell === 'lstm' && named.get('forget') === 'chrono'
        ? 'chrono'
        : within(cell === 'lstm' ? named.get('forget') : undefined, forgetBias, 1),
    clipNorm: within(named.get('clip'), clipNorm, PLAIN_LANE.clipNorm),
    window: whole(named.get('window'), window, PLAIN_LANE.window),
  };
}

function within(text: string | undefined, [low, high]: readonly [number, number], otherwise: number): number {
  const value = text === undefined || text === '' ? NaN : Number(text);
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise;
}

function whole(text: string | undefined, range: readonly [number, number], otherwise: number): number {
  return Math.round(within(text, range, otherwise));
}
