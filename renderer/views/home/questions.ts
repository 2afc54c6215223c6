/** The five questions of the lab, each a door to an experiment that raises it. */
import { place, type Place } from '../../state/address.ts';

export const QUESTIONS = ['vanish', 'gates', 'unrolled', 'shapes', 'attention'] as const;
export type Question = (typeof QUESTIONS)[number];

export interface Door {
  /** The last part of its message's key. */
  readonly name: string;
  readonly to: Place;
}

/** The experiments that lead into each question. */
export const doors = {
  vanish: [
    { name: 'vanish.rnn', to: place('train', { task: 'adding', cell: 'rnn' }) },
    { name: 'vanish.lstm', to: place('train', { task: 'adding', cell: 'lstm' }) },
  ],
  gates: [
    { name: 'gates.reber', to: place('train', { task: 'reber', cell: 'lstm' }) },
    { name: 'gates.gru', to: place('train', { task: 'reber', cell: 'gru' }) },
  ],
  unrolled: [
    { name: 'unrolled.parity', to: place('train', { task: 'parity', cell: 'rnn' }) },
    { name: 'unrolled.order', to: place('train', { task: 'temporal-order', cell: 'rnn' }) },
  ],
  shapes: [
    { name: 'shapes.equal', to: place('train', { task: 'stress' }) },
    { name: 'shapes.toVector', to: place('train', { task: 'names-gender' }) },
    { name: 'shapes.fromVector', to: place('train', { task: 'names-generate' }) },
  ],
  attention: [
    { name: 'attention.aligned', to: place('train', { task: 'dates-aligned' }) },
    { name: 'attention.dates', to: place('train', { task: 'dates' }) },
    { name: 'attention.sums', to: place('train', { task: 'addition' }) },
  ],
} as const satisfies Record<Question, readonly Door[]>;
