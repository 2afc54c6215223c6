/** From data as they were published to the examples of a task. */
import { InputError } from '../errors.ts';
import { show } from '../experiment/fields.ts';
import type { LabelledText, Pronunciation } from './data.ts';
import { Groups } from './groups.ts';
import type { TaggedSequence } from './tagging.ts';

/** The texts that occur under one label alone, each once, in the order they were given. */
export function unambiguous(items: readonly LabelledText[]): readonly LabelledText[] {
  const labels = new Map<string, string | null>();
  for (const { text, label } of items) {
    const known = labels.get(text);
    labels.set(text, known === undefined || known === label ? label : null);
  }
  const groups = new Map(items.map(({ text, group }) => [text, group]));
  return [...labels].flatMap(([text, label]) => {
    const group = groups.get(text);
    return label === null ? [] : [{ text, label, ...(group === undefined ? {} : { group }) }];
  });
}

/** Tags of the stress task: a vowel's stress, none for consonants. */
export const STRESSES = ['none', '0', '1', '2'] as const;

const PHONE = /^([A-Z]+)([012])?$/;
const FURTHER_PRONUNCIATION = /\(\d+\)$/;

/**
 * Phones without their stress, tagged with it. Pronunciations of one word form a group, and so do words that sound the
 * same, and whatever is linked by both.
 */
export function stressSequences(entries: readonly Pronunciation[]): readonly TaggedSequence[] {
  const groups = new Groups();
  const sequences = entries.map((entry) => {
    const tagged = tagPhones(entry);
    const word = `word ${entry.word.replace(FURTHER_PRONUNCIATION, '')}`;
    groups.join(word, `phones ${tagged.symbols.join(' ')}`);
    return { ...tagged, word };
  });
  return sequences.map(({ symbols, tags, word }) => ({ symbols, tags, group: groups.find(word) }));
}

function tagPhones({ word, phones }: Pronunciation): Pick<TaggedSequence, 'symbols' | 'tags'> {
  const symbols: string[] = [];
  const tags: string[] = [];
  for (const phone of phones.split(' ')) {
    const match = PHONE.exec(phone);
    if (match === null) {
      throw new InputError(
        `the pronunciation of ${show(word)} has ${show(phone)}; a phone has capital letters and, for vowels, 0, 1 or 2`,
      );
    }
    symbols.push(match[1]!);
    tags.push(match[2] ?? 'none');
  }
  return { symbols, tags };
}
