/** What a person must know of own data before training: what is left out, and what cannot be learned. */
import { show } from '../experiment/fields.ts';
import type { LabelledText } from './data.ts';
import type { Task } from './task.ts';

/** Items of a validation part below which a metric says little. */
const FEW_TO_VALIDATE = 20;
/** Items of a class below which it can hardly be learned. */
const FEW_OF_CLASS = 5;
/** Share of texts that may be their own class. */
const OWN_CLASS = 0.9;

/** `option`: the task's option that sets the limit. */
export function limitNotice(
  used: number,
  total: number | undefined,
  what: string,
  option: string,
  which = 'sampled from the whole dataset',
): readonly string[] {
  if (total === undefined || total <= used) return [];
  return [
    `${used.toLocaleString('en')} of ${total.toLocaleString('en')} ${what} are used, ${which}; ` +
      `raise the option ${show(option)} to use more.`,
  ];
}

export function without(count: number, what: string, reason: string): readonly string[] {
  return count > 0 ? [`${counted(count, what)} ${count === 1 ? 'is' : 'are'} left out, ${reason}.`] : [];
}

export function classNotices(items: readonly LabelledText[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { label } of items) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [only] = counts.keys();
  if (counts.size === 1) {
    return [
      `All texts are in the class ${show(only)}: there is nothing to tell apart, and an accuracy of 1 means nothing.`,
    ];
  }
  const few = [...counts].filter(([, count]) => count < FEW_OF_CLASS).map(([label]) => show(label));
  const own = items.filter(({ text, label }) => text === label).length;
  return [
    ...(few.length > 0
      ? [
          `${few.length === 1 ? 'The class' : `${few.length} classes,`} ${few.slice(0, 5).join(', ')}${few.length > 5 ? ', ...' : ''} ` +
            `${few.length === 1 ? 'has' : 'have'} fewer than ${FEW_OF_CLASS} texts.`,
        ]
      : []),
    ...(own >= OWN_CLASS * items.length ? ['The texts are their own classes: the target is also the input.'] : []),
  ];
}

/** Where the validation part is so small that its metrics jump. */
export function validationNotice({ validation }: Task): readonly string[] {
  if (validation.form !== 'set' || validation.count >= FEW_TO_VALIDATE) return [];
  const { count } = validation;
  return [
    `Only ${counted(count, 'item')} ${count === 1 ? 'is' : 'are'} left to validate: ` +
      'the metrics of the validation part say little about such small data.',
  ];
}

/** "1 text", "2,000 texts" */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}
