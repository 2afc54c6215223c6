/** The synthetic benchmarks. */
import { taskFromSeed } from '../definition.ts';
import type { TaskDefinition } from '../definition.ts';
import type { Origin } from '../task.ts';
import { addingOptions, addingTask } from './adding.ts';
import {
  additionAlignedTask,
  additionOptions,
  additionTask,
  lengthOptions,
  reversalAlignedTask,
  reversalTask,
  sortingAlignedTask,
  sortingTask,
} from './pairs.ts';
import { copyMemoryOptions, copyMemoryTask } from './copy-memory.ts';
import { parityOptions, parityTask } from './parity.ts';
import { reberOptions, reberTask } from './reber.ts';
import { temporalOrderOptions, temporalOrderTask } from './temporal-order.ts';

const LSTM_PAPER = 'Hochreiter & Schmidhuber, “Long short-term memory”, Neural Computation 9 (1997)';

function made(title: string, source: string): Origin {
  return { title, source: `${source}.`, licence: 'Made by this program' };
}

const additionOrigin = made('Addition', 'Zaremba & Sutskever, “Learning to execute”, 2014, sums alone');
const reversalOrigin = made(
  'Reversal',
  'Grefenstette et al., “Learning to transduce with unbounded memory”, NIPS 2015',
);
const sortingOrigin = made('Sorting', 'Graves, Wayne & Danihelka, “Neural Turing machines”, 2014, letters in order');

export const benchmarks: readonly TaskDefinition[] = [
  taskFromSeed(
    {
      id: 'adding',
      title: 'Adding problem',
      kind: 'regression',
      description: 'Add the two marked numbers of a long sequence.',
      origin: made('Adding problem', `${LSTM_PAPER}, experiment 4, numbers from 0 to 1`),
      options: addingOptions,
    },
    addingTask,
  ),
  taskFromSeed(
    {
      id: 'copy-memory',
      title: 'Copy memory',
      kind: 'tagging',
      description: 'Repeat ten symbols after a long delay.',
      origin: made(
        'Copying problem',
        'Arjovsky, Shah & Bengio, “Unitary evolution recurrent neural networks”, ICML 2016',
      ),
      options: copyMemoryOptions,
    },
    copyMemoryTask,
  ),
  taskFromSeed(
    {
      id: 'temporal-order',
      title: 'Temporal order',
      kind: 'classification',
      description: 'Tell in which order symbols X and Y came, far apart among distractors.',
      origin: made('Temporal order', `${LSTM_PAPER}, experiment 6`),
      options: temporalOrderOptions,
    },
    temporalOrderTask,
  ),
  taskFromSeed(
    {
      id: 'reber',
      title: 'Embedded Reber grammar',
      kind: 'tagging',
      description: 'Tell which symbols may come next in a string of a grammar whose second symbol returns at the end.',
      origin: made('Embedded Reber grammar', `${LSTM_PAPER}, experiment 1`),
      options: reberOptions,
    },
    reberTask,
  ),
  taskFromSeed(
    {
      id: 'parity',
      title: 'Parity',
      kind: 'tagging',
      description: 'Tell at each step whether the ones so far are even or odd in number.',
      origin: made('Parity', 'Minsky & Papert, “Perceptrons”, 1969, as a sequence of bits'),
      options: parityOptions,
    },
    parityTask,
  ),
  taskFromSeed(
    {
      id: 'addition',
      title: 'Addition of digit strings',
      kind: 'translation',
      description: 'Write the sum of two numbers, digit by digit: "535+61" to "596".',
      origin: additionOrigin,
      options: additionOptions,
    },
    additionTask,
  ),
  taskFromSeed(
    {
      id: 'addition-aligned',
      title: 'Addition, step by step',
      kind: 'tagging',
      description: 'The same sums, with one symbol out for each symbol in; the first digit is due at the first step.',
      origin: additionOrigin,
      options: additionOptions,
    },
    additionAlignedTask,
  ),
  taskFromSeed(
    {
      id: 'reversal',
      title: 'Reversal',
      kind: 'translation',
      description: 'Write a string backwards; half of the strings held out are longer than any in training.',
      origin: reversalOrigin,
      options: lengthOptions,
    },
    reversalTask,
  ),
  taskFromSeed(
    {
      id: 'reversal-aligned',
      title: 'Reversal, step by step',
      kind: 'tagging',
      description: 'The same strings, with one symbol out for each symbol in; the first answer is the last symbol.',
      origin: reversalOrigin,
      options: lengthOptions,
    },
    reversalAlignedTask,
  ),
  taskFromSeed(
    {
      id: 'sorting',
      title: 'Sorting',
      kind: 'translation',
      description:
        'Write the letters of a string in order; half of the strings held out are longer than any in training.',
      origin: sortingOrigin,
      options: lengthOptions,
    },
    sortingTask,
  ),
  taskFromSeed(
    {
      id: 'sorting-aligned',
      title: 'Sorting, step by step',
      kind: 'tagging',
      description: 'The same strings, with one symbol out for each symbol in.',
      origin: sortingOrigin,
      options: lengthOptions,
    },
    sortingAlignedTask,
  ),
];
