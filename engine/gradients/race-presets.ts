/** Races that show something. */
import { PLAIN_LANE, type LaneSettings, type RaceSettings } from './race-settings.ts';

const lane = (changes: Partial<LaneSettings>): LaneSettings => ({ ...PLAIN_LANE, ...changes });

const ADDING: Omit<RaceSettings, 'lanes'> = {
  task: 'adding',
  steps: 100,
  units: 64,
  match: 'units',
  batchSize: 32,
  optimizer: 'adam',
  learningRate: 0.003,
  updates: 4000,
  seed: 1,
};

/** By name, the first first. */
export const RACE_PRESETS = {
  /** The three cells: the ones with gates solve it within these updates, the plain one does not (measured in the tests). */
  cells: {
    ...ADDING,
    steps: 40,
    units: 32,
    learningRate: 0.01,
    updates: 1500,
    lanes: [lane({ cell: 'rnn' }), lane({ cell: 'lstm' }), lane({ cell: 'gru' })],
  },
  /** A loss at every step. Solving it takes longer than this. */
  copy: {
    ...ADDING,
    task: 'copy-memory',
    steps: 40,
    units: 32,
    match: 'parameters',
    updates: 2000,
    lanes: [lane({ cell: 'rnn' }), lane({ cell: 'lstm' }), lane({ cell: 'gru' })],
  },
  /** Hochreiter & Schmidhuber's adding problem over 100 steps. */
  vanish: { ...ADDING, lanes: [lane({ cell: 'rnn' }), lane({ cell: 'lstm' })] },
  /** What a fresh LSTM keeps follows from its forget gate's bias. */
  forget: {
    ...ADDING,
    updates: 3000,
    lanes: [0, 1, 'chrono' as const].map((forgetBias) => lane({ cell: 'lstm', forgetBias })),
  },
  explode: {
    ...ADDING,
    optimizer: 'sgd',
    learningRate: 0.01,
    lanes: [0, 1].map((clipNorm) => lane({ activation: 'relu', recurrent: 'identity', scale: 1.03, clipNorm })),
  },
  /** Le, Jaitly & Hinton 2015. */
  identity: {
    ...ADDING,
    learningRate: 0.001,
    lanes: [lane({}), lane({ recurrent: 'orthogonal' }), lane({ activation: 'relu', recurrent: 'identity' })],
  },
  /** Copying asks for what was read more than ten steps ago: within a short window no gradient leads there. */
  truncation: {
    ...ADDING,
    task: 'copy-memory',
    steps: 30,
    units: 48,
    updates: 3000,
    lanes: [lane({ cell: 'lstm' }), lane({ cell: 'lstm', window: 10 })],
  },
} as const satisfies Readonly<Record<string, RaceSettings>>;

export type RacePreset = keyof typeof RACE_PRESETS;
export const RACE_PRESET_NAMES = Object.keys(RACE_PRESETS) as readonly RacePreset[];
