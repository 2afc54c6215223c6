/** The synthetic benchmarks. */
import { taskFromSeed } from '../definition.ts';
import type { TaskDefinition } from '../definition.ts';
import type { Origin } from '../task.ts';
import { addingOptions, addingTask } from './adding.ts';
import { copyMemoryOptions, copyMemoryTask } from './copy-memory.ts';
import { parityOptions, parityTask } from './parity.ts';
import { reberOptions, reberTask } from './reber.ts';
import { temporalOrderOptions, temporalOrderTask } from './temporal-order.ts';

const LSTM_PAPER = 'Hochreiter & Schmidhuber, “Long short-term memory”, Neural Computation 9 (1997)';

function made(title: string, source: string): Origin {
  return { title, source: `${source}.`, licence: 'Made by this program' };
}

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
];
