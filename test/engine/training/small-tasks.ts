/** Tasks of a few dozen examples, one of each kind, and experiments on them that take a moment. */
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import type { JsonValue } from '../../../engine/json.ts';
import { classificationTask } from '../../../engine/tasks/classification.ts';
import { generationTask } from '../../../engine/tasks/generation.ts';
import { languageTask } from '../../../engine/tasks/language.ts';
import { addingTask } from '../../../engine/tasks/synthetic/adding.ts';
import { taggingTask } from '../../../engine/tasks/tagging.ts';
import { translationTask } from '../../../engine/tasks/translation.ts';
import type { Task, TaskHead, TaskKind } from '../../../engine/tasks/task.ts';

const SPLIT = { validationShare: 0.25, split: 1 };
const VOWELS = 'aeiou';
const WORDS = (
  'ash bay cat dew elm fig gum hop ice jam key lime moon nest oak pine quay reed sand tide urn vale wind yard zinc ' +
  'amber birch cedar daisy eagle flint grape hazel iris juniper kelp larch maple nettle olive poppy quince rowan'
).split(' ');

export function smallTask(kind: TaskKind): Task {
  switch (kind) {
    case 'language':
      return languageTask(head(kind), 'the tide came in and the tide went out. '.repeat(12), { validationShare: 0.2 });
    case 'classification':
      return classificationTask(head(kind), byLastLetter(), SPLIT, 'word');
    case 'tagging':
      return taggingTask(
        head(kind),
        WORDS.map((word) => ({ symbols: Array.from(word), tags: Array.from(word, tagOf), group: word })),
        ['vowel', 'other'],
        SPLIT,
        'word',
      );
    case 'regression':
      return addingTask(head(kind), { length: 6, validationItems: 50 }, 3);
    case 'generation':
      return generationTask(head(kind), byLastLetter(), SPLIT, 'word');
    case 'translation':
      return translationTask(
        head(kind),
        WORDS.map((word) => ({
          source: word,
          target: Array.from(word.slice(1), (letter) => tagOf(letter)[0]!).join(''),
        })),
        SPLIT,
        { separators: { source: '', target: '' }, what: 'word' },
      );
  }
}

/** Sections replace or add to those of a small LSTM trained for 12 updates in batches of 8. */
export function smallExperiment(
  model: Readonly<Record<string, JsonValue>> = {},
  training: Readonly<Record<string, JsonValue>> = {},
): Experiment {
  return parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    seed: 11,
    task: { id: 'small' },
    model: present({ cell: 'lstm', hiddenSize: 12, ...model }),
    training: { batchSize: 8, steps: 10, updates: 12, ...training },
  });
}

/** Without what is null. */
function present(fields: Readonly<Record<string, JsonValue>>): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function head(kind: TaskKind): TaskHead {
  return { id: `small-${kind}`, title: kind, origin: { title: kind, source: 'Made for tests.', licence: 'MIT' } };
}

function byLastLetter() {
  return WORDS.map((word) => ({ text: word, label: tagOf(word.at(-1) ?? '') }));
}

function tagOf(letter: string): string {
  return VOWELS.includes(letter) ? 'vowel' : 'other';
}
