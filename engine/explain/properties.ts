/** Properties of the steps of a sequence that a unit may have come to track: is this symbol a vowel, is this a Sunday? */
import type { Example } from '../tasks/examples.ts';
import type { TaskInput } from '../tasks/task.ts';

/** What can be told of the steps of a sequence. */
export interface SequenceText {
  /** One a step. */
  readonly symbols: readonly string[];
  /** Dates of the steps of a series, "2020-02-20" or "2020-02", where they are known. */
  readonly dates?: readonly string[];
}

/** A yes or no of each step; null: it cannot be told there, and the step does not count. */
export type Marks = readonly (boolean | null)[];

export interface Property {
  /** "vowel" */
  readonly name: string;
  marks(sequence: SequenceText): Marks;
}

const each =
  (test: (symbol: string) => boolean) =>
  ({ symbols }: SequenceText): Marks =>
    symbols.map(test);

/** Whether what came before, this symbol included, makes it true. */
function following(step: (state: number, symbol: string) => number, holds: (state: number) => boolean | null) {
  return ({ symbols }: SequenceText): Marks => {
    let state = 0;
    return symbols.map((symbol) => {
      state = step(state, symbol);
      return holds(state);
    });
  };
}

const isSpace = (symbol: string): boolean => /^\s$/u.test(symbol);

const OF_TEXT: readonly Property[] = [
  { name: 'vowel', marks: each((symbol) => /^[aeiouyàáâäãåæèéêëìíîïòóôöõøùúûü]$/iu.test(symbol)) },
  { name: 'capital', marks: each((symbol) => /^\p{Lu}$/u.test(symbol)) },
  { name: 'digit', marks: each((symbol) => /^\p{Nd}$/u.test(symbol)) },
  { name: 'space', marks: each(isSpace) },
  { name: 'punctuation', marks: each((symbol) => /^\p{P}$/u.test(symbol)) },
  {
    name: 'word-start',
    marks: ({ symbols }) => symbols.map((symbol, t) => !isSpace(symbol) && (t === 0 || isSpace(symbols[t - 1]!))),
  },
  {
    name: 'quotation',
    // Whether it began inside one cannot be known: before the first mark nothing is said.
    marks: following(
      (state, symbol) => (symbol === '“' ? 1 : symbol === '”' ? 2 : symbol === '"' ? (state === 1 ? 2 : 1) : state),
      (state) => (state === 0 ? null : state === 1),
    ),
  },
  {
    name: 'line-end',
    marks: ({ symbols }) => symbols.map((_, t) => (symbols[t + 1] === undefined ? null : symbols[t + 1] === '\n')),
  },
  {
    name: 'late-in-line',
    // The later half of a line of about eighty characters.
    marks: following(
      (state, symbol) => (symbol === '\n' ? 1 : state === 0 ? 0 : state + 1),
      (state) => (state === 0 ? null : state > 40),
    ),
  },
];

const ANY: readonly Property[] = [
  { name: 'first-half', marks: ({ symbols }) => symbols.map((_, t) => t < symbols.length / 2) },
];

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const OF_DATES: readonly Property[] = WEEKDAYS.map((name, day) => ({
  name,
  marks: ({ symbols, dates }) =>
    symbols.map((_, t) => (isDay(dates?.[t]) ? new Date(`${dates![t]!}T00:00:00Z`).getUTCDay() === day : null)),
}));

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const OF_MONTHS: readonly Property[] = MONTHS.map((name, month) => ({
  name,
  marks: ({ symbols, dates }) =>
    symbols.map((_, t) => {
      const written = dates?.[t]?.split('-')[1];
      return written === undefined ? null : Number(written) === month + 1;
    }),
}));

function isDay(date: string | undefined): boolean {
  return date !== undefined && /^\d{4}-\d\d-\d\d$/u.test(date);
}

/** Most symbols of which each can be a property of its own, present and remembered. */
const FEW = 40;

/**
 * The properties that steps of this input can have. Where there are few symbols: "is T" (this one is), and "second T"
 * (the second one of the sequence was, which the embedded Reber grammar asks to be remembered).
 */
export function propertiesOf(input: TaskInput, dated: boolean): readonly Property[] {
  if (input.kind === 'values') return [...ANY, ...(dated ? [...OF_DATES, ...OF_MONTHS] : [])];
  const { symbols } = input;
  const single = symbols.filter((symbol) => Array.from(symbol).length === 1);
  const text = single.length > symbols.length / 2 && symbols.some((symbol) => /^[a-z]$/u.test(symbol)) ? OF_TEXT : [];
  const few = symbols.length <= FEW ? symbols : [];
  return [
    ...text,
    ...ANY,
    ...few.map((symbol): Property => ({ name: `is ${symbol}`, marks: each((other) => other === symbol) })),
    ...few.map((symbol): Property => ({
      name: `second ${symbol}`,
      marks: (sequence) => sequence.symbols.map((_, t) => (t < 1 ? null : sequence.symbols[1] === symbol)),
    })),
  ];
}

/** What properties are told of. Steps of numbers have no symbols of their own: they count. */
export function sequenceText(input: TaskInput, { steps, tokens, dates }: Example): SequenceText {
  const symbols = Array.from({ length: steps }, (_, t) =>
    input.kind === 'tokens' ? (input.symbols[tokens?.[t] ?? -1] ?? '') : String(t + 1),
  );
  return { symbols, ...(dates === undefined ? {} : { dates }) };
}
