/** The five questions of the lab, each with doors to experiments that raise it and to the view that answers it. */
import { place, type Place } from '../../state/address.ts';

export const QUESTIONS = ['vanish', 'gates', 'unrolled', 'shapes', 'attention'] as const;
export type Question = (typeof QUESTIONS)[number];

export interface Door {
  /** The last part of its message's key. */
  readonly name: string;
  readonly to: Place;
}

/** The experiments that lead into each question, and where their runs are looked into. */
export const doors = {
  vanish: [
    { name: 'vanish.rnn', to: place('train', { task: 'adding', cell: 'rnn' }) },
    { name: 'vanish.lstm', to: place('train', { task: 'adding', cell: 'lstm' }) },
    { name: 'vanish.view', to: place('gradients') },
  ],
  gates: [
    { name: 'gates.reber', to: place('train', { task: 'reber', cell: 'lstm' }) },
    { name: 'gates.gru', to: place('train', { task: 'reber', cell: 'gru' }) },
    { name: 'gates.view', to: place('gates') },
  ],
  unrolled: [
    { name: 'unrolled.parity', to: place('train', { task: 'parity', cell: 'rnn' }) },
    { name: 'unrolled.order', to: place('train', { task: 'temporal-order', cell: 'rnn' }) },
  ],
  shapes: [
    { name: 'shapes.equal', to: place('train', { task: 'stress' }) },
    { name: 'shapes.toVector', to: place('train', { task: 'names-gender' }) },
    { name: 'shapes.fromVector', to: place('train', { task: 'names-generate' }) },
    { name: 'shapes.view', to: place('sequences') },
  ],
  attention: [
    { name: 'attention.aligned', to: place('train', { task: 'dates-aligned' }) },
    { name: 'attention.dates', to: place('train', { task: 'dates' }) },
    { name: 'attention.sums', to: place('train', { task: 'addition' }) },
    { name: 'attention.view', to: place('attention') },
  ],
} as const satisfies Record<Question, readonly Door[]>;
