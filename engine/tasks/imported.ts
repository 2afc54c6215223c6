/** What a model learnt elsewhere: it can be looked at, but there are no data here to train it on. */
import { InputError } from '../errors.ts';
import type { TaskDefinition } from './definition.ts';

/** The task's id; it is not among those that are offered. */
export const IMPORTED = 'imported';

export const importedTask: TaskDefinition = {
  id: IMPORTED,
  title: 'Trained elsewhere',
  kind: 'tagging',
  description: 'A model that was brought in from another program, without its data.',
  origin: {
    title: 'Another program',
    source: 'The file that was imported does not say what the model was trained on.',
    licence: 'As you have it',
  },
  dataset: null,
  own: null,
  options: {},
  need: () => null,
  make() {
    throw new InputError(
      'this model was imported without data, so there is nothing to train it on',
      'Import its file again and choose a task whose symbols and labels it fits.',
    );
  },
};
