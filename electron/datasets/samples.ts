/** A few real items of a dataset, as people read them. */
import type { TaskData } from '../../engine/tasks/data.ts';
import { CalendarDay, writeDate } from '../../engine/tasks/written/dates.ts';
import { Speller } from '../../engine/tasks/written/spellout.ts';
import { Random } from '../../engine/random.ts';

export interface Sample {
  readonly input: string;
  readonly target?: string;
}

/** What is shown of data that dates and numbers are written from: days from 1 January 2000 on, and numbers, apart. */
const FIRST_DAY = CalendarDay.ordinalOf(2000, 1, 1);
const DAYS_BETWEEN = 397;
const NUMBERS_BETWEEN = 1237;

const COUNT = 6;
/** Characters of a text that are shown. */
const LENGTH = 160;

/** Six of all that are offered, each as likely as any other (Vitter 1985, algorithm R); the same at every run. */
export class Samples {
  readonly #random = new Random(0, 0);
  readonly #kept: Sample[] = [];
  #offered = 0;

  /** `sample` is only called where it is kept. */
  offer(sample: () => Sample): void {
    const place = this.#offered < COUNT ? this.#offered : this.#random.below(this.#offered + 1);
    if (place < COUNT) this.#kept[place] = sample();
    this.#offered++;
  }

  get kept(): readonly Sample[] {
    return this.#kept;
  }
}

/** Of a text that comes in pieces: where a line begins, if one does. */
export function excerpt(piece: string, at: number): Sample {
  const lineStart = piece.indexOf('\n', at) + 1;
  const text = cut(
    piece
      .slice(lineStart, lineStart + 2 * LENGTH)
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return { input: text };
}

/** At most 160 characters. */
export function cut(text: string): string {
  const characters = Array.from(text.slice(0, 2 * LENGTH));
  return characters.length > LENGTH ? `${characters.slice(0, LENGTH - 1).join('')}…` : characters.join('');
}

/** Of data in memory. */
export function samplesOf(data: TaskData): readonly Sample[] {
  const samples = new Samples();
  switch (data.form) {
    case 'text':
      for (let part = 0; part < COUNT; part++) {
        samples.offer(() => excerpt(data.text, Math.floor((data.text.length * (part + 0.5)) / COUNT)));
      }
      break;
    case 'labelled':
      for (const { text, label } of data.items) samples.offer(() => ({ input: cut(text), target: label }));
      break;
    case 'series':
      for (const { date, value } of data.points) samples.offer(() => ({ input: date, target: String(value) }));
      break;
    case 'pronunciations':
      for (const { word, phones } of data.entries) samples.offer(() => ({ input: word, target: phones }));
      break;
    case 'pairs':
      for (const { source, target } of data.pairs) samples.offer(() => ({ input: cut(source), target: cut(target) }));
      break;
    case 'tagged':
      for (const { tokens, tags } of data.sentences) {
        samples.offer(() => ({ input: cut(tokens.join(' ')), target: cut(tags.join(' ')) }));
      }
      break;
    case 'calendars':
      data.languages.forEach((language, i) => {
        samples.offer(() => {
          const day = new CalendarDay(FIRST_DAY + i * DAYS_BETWEEN);
          return { input: writeDate(language, 'full', day), target: day.iso };
        });
      });
      break;
    case 'spellout':
      data.languages.forEach((language, i) => {
        const number = (i + 1) * NUMBERS_BETWEEN;
        samples.offer(() => ({ input: new Speller(language).spell(number), target: String(number) }));
      });
      break;
  }
  return samples.kept;
}

/** Characters of a text, otherwise items. */
export function sizeOf(data: TaskData): number {
  switch (data.form) {
    case 'text':
      return Array.from(data.text).length;
    case 'labelled':
      return data.items.length;
    case 'series':
      return data.points.length;
    case 'pronunciations':
      return data.entries.length;
    case 'pairs':
      return data.pairs.length;
    case 'tagged':
      return data.sentences.length;
    case 'calendars':
    case 'spellout':
      return data.languages.length;
  }
}
