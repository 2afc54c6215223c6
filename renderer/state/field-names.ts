/** The members of an experiment in words: as columns, as fields of the form, and in what is said of their values. */
import { maybe, t } from '../messages/messages.ts';

/** "Batch size B" of "training.batchSize". Options of tasks that the catalogue does not know are named after themselves. */
export function fieldName(path: string): string {
  return maybe(`field.${path}`) ?? inWords(path.split('.').at(-1) ?? path);
}

/** A value in words: "Plain RNN" of "rnn" at "model.cell"; undefined where the catalogue has none for it. */
export function choiceName(path: string, value: string): string | undefined {
  return maybe(`choice.${path}.${value}`);
}

/** A refusal's text as a sentence in which the field at `path`, and every other one that is mentioned, has its name. */
export function problemText(path: string | null, text: string): string {
  const said = withNames(text);
  if (path === null) return said;
  const [, value, allowed] = /^is (.+?); it must be (.+)$/su.exec(said) ?? [];
  return value === undefined || allowed === undefined
    ? t('form.problem', { field: fieldName(path), text: said })
    : t('form.mustBe', { field: fieldName(path), value, allowed });
}

/** "Validation share" of "validationShare". */
function inWords(name: string): string {
  const words = name.replaceAll(/(?<=[a-z0-9])[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SECTIONS = ['model', 'model.init', 'training', 'training.optimizer', 'training.schedule', 'task'] as const;

/** With the names of the members that a text mentions, as "modelSize" or "training.optimizer.nesterov", in words. */
function withNames(text: string): string {
  return text.replaceAll(/"?\b((?:model|training|task)\.[\w.]*\w|[a-z]+[A-Z]\w*)\b"?/gu, (whole, name: string) => {
    const paths = name.includes('.') ? [name] : SECTIONS.map((section) => `${section}.${name}`);
    const found = paths.map((path) => maybe(`field.${path}`)).find((label) => label !== undefined);
    return found === undefined ? whole : `“${found}”`;
  });
}
