/** Pairs of texts made on demand: sums, reversed and sorted strings, of which item i comes from (seed, side, i) alone. */
import { InputError } from '../../errors.ts';
import type { Random } from '../../random.ts';
import { alignedFrom, BLANK } from '../aligned.ts';
import { SOLVED_FROM } from '../evaluation.ts';
import { validationItems } from '../options.ts';
import type { OptionValues, TaskOptions } from '../options.ts';
import { pairSet } from '../pair-items.ts';
import type { PairItem } from '../pair-items.ts';
import type { Criterion, SequenceSet, Task, TaskHead } from '../task.ts';
import { translationFrom } from '../translation.ts';
import type { ItemGroup } from '../translation-evaluation.ts';
import { END, START, Vocabulary } from '../vocabulary.ts';
import { drawSide } from './endless.ts';

type Side = 'train' | 'validation';

/** How a source is drawn and what it becomes. */
interface Recipe {
  /** Characters of sources and of targets. */
  readonly symbols: string;
  readonly labels: string;
  readonly longestSource: number;
  readonly longestTarget: number;
  readonly validationItems: number;
  /** `index`: of the item on its side. */
  draw(random: Random, side: Side, index: number): string;
  answer(source: string): string;
  /** Share of targets that a uniform guess among all targets of the right length gets right. */
  readonly guessed: number;
  /** In place of quarters by length. */
  groups?: () => readonly ItemGroup[];
}

/** Whole targets are asked for, of all lengths that are held out. */
function criterionFor({ guessed }: Recipe): Criterion {
  return { metric: 'exactMatch', required: SOLVED_FROM, chance: { name: 'guessing', share: guessed } };
}

/** Training items that the baselines are counted on. */
const COUNTED = 1000;

export const additionOptions = {
  digits: { type: 'integer', description: 'Most digits of a number', default: 3, minimum: 2, maximum: 12 },
  validationItems,
} as const satisfies TaskOptions;

function addition({ digits, validationItems: count }: OptionValues<typeof additionOptions>): Recipe {
  const number = (random: Random) => random.below(10 ** digits);
  return {
    symbols: '+0123456789',
    labels: '0123456789',
    longestSource: 2 * digits + 1,
    longestTarget: digits + 1,
    validationItems: count,
    guessed: 1 / (2 * 10 ** digits - 1),
    draw: (random) => `${number(random)}+${number(random)}`,
    answer(source) {
      const [a, b] = source.split('+').map(Number);
      return String(a! + b!);
    },
  };
}

const LEAST_STRINGS = 1000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

const stringOptions = {
  shortest: { type: 'integer', description: 'Symbols of the shortest string', default: 3, minimum: 1, maximum: 500 },
  longest: {
    type: 'integer',
    description: 'Symbols of the longest string in training',
    default: 12,
    minimum: 1,
    maximum: 500,
  },
  alphabet: { type: 'integer', description: 'Different symbols', default: 10, minimum: 2, maximum: LETTERS.length },
  validationItems,
} as const satisfies TaskOptions;

export const lengthOptions = {
  ...stringOptions,
  beyond: {
    type: 'integer',
    description: 'How many symbols longer strings of the validation part may be: half of it is longer than any trained',
    default: 6,
    minimum: 0,
    maximum: 500,
  },
} as const satisfies TaskOptions;

function strings(
  { shortest, longest, alphabet, validationItems: count, beyond }: OptionValues<typeof lengthOptions>,
  answer: (source: string) => string,
  targetsOf: (length: number, alphabet: number) => number,
): Recipe {
  if (shortest > longest) {
    throw new InputError(`task.shortest is ${shortest}; it must be at most task.longest, which is ${longest}`);
  }
  if (alphabet ** longest < LEAST_STRINGS) {
    throw new InputError(
      `task.longest is ${longest} with task.alphabet ${alphabet}, which makes ${alphabet ** longest} strings of that ` +
        `length; there must be at least ${LEAST_STRINGS}, so that some can be held out`,
    );
  }
  const symbols = LETTERS.slice(0, alphabet);
  const guessedShare = (from: number, to: number): number =>
    mean(Array.from({ length: to - from + 1 }, (_, i) => 1 / targetsOf(from + i, alphabet)));
  const isBeyond = (index: number) => beyond > 0 && index % 2 === 1;
  return {
    symbols,
    labels: symbols,
    longestSource: longest + beyond,
    longestTarget: longest + beyond,
    validationItems: count,
    guessed:
      beyond === 0
        ? guessedShare(shortest, longest)
        : (guessedShare(shortest, longest) + guessedShare(longest + 1, longest + beyond)) / 2,
    draw(random, side, index) {
      const [from, to] =
        side === 'validation' && isBeyond(index) ? [longest + 1, longest + beyond] : [shortest, longest];
      const length = from + random.below(to - from + 1);
      return Array.from({ length }, () => symbols[random.below(alphabet)]).join('');
    },
    answer,
    ...(beyond > 0 ? { groups: () => beyondGroups(count, shortest, longest, beyond) } : {}),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the validation part: as long as in training, and longer. */
function beyondGroups(count: number, shortest: number, longest: number, beyond: number): readonly ItemGroup[] {
  const items = Array.from({ length: count }, (_, item) => item);
  return [
    {
      name: 'Trained',
      label: `lengths as trained (${shortest} to ${longest})`,
      items: new Set(items.filter((item) => item % 2 === 0)),
    },
    {
      name: 'Beyond',
      label: `longer than any trained (${longest + 1} to ${longest + beyond})`,
      items: new Set(items.filter((item) => item % 2 === 1)),
    },
  ];
}

function reversed(source: string): string {
  return Array.from(source).reverse().join('');
}

function sorted(source: string): string {
  return Array.from(source).sort().join('');
}

function anyString(length: number, alphabet: number): number {
  return alphabet ** length;
}

/** Multisets of so many symbols. */
function sortedStrings(length: number, alphabet: number): number {
  let count = 1;
  for (let i = 1; i <= length; i++) count = (count * (alphabet - 1 + i)) / i;
  return count;
}

/** Texts of lengths of their own. */
function translated(head: TaskHead, recipe: Recipe, seed: number): Task {
  const sources = new Vocabulary(Array.from(recipe.symbols));
  const targets = new Vocabulary([START, END, ...Array.from(recipe.labels)]);
  const { item, source } = drawers(recipe, seed, sources, (answer) =>
    targets.numbers([START, ...Array.from(answer), END]),
  );
  const setOf = (side: Side, count: number): SequenceSet =>
    pairSet({
      count,
      maxSourceSteps: recipe.longestSource,
      maxSteps: recipe.longestTarget + 1,
      item: item[side],
      describe: (_item, index) => ({ input: source[side](index), target: recipe.answer(source[side](index)) }),
    });
  const listed = (side: Side, count: number) => Array.from({ length: count }, (_, i) => item[side](i));
  return translationFrom(head, {
    symbols: sources.symbols,
    labels: targets.symbols,
    separators: { source: '', target: '' },
    example: source.train(0),
    train: setOf('train', Infinity),
    validation: setOf('validation', recipe.validationItems),
    trainItems: () => listed('train', COUNTED),
    validationItems: () => listed('validation', recipe.validationItems),
    criterion: criterionFor(recipe),
    ...(recipe.groups ? { groups: recipe.groups } : {}),
  });
}

/** The same in step, blanks where one side is shorter. */
function aligned(head: TaskHead, recipe: Recipe, seed: number): Task {
  const sources = new Vocabulary([BLANK, ...Array.from(recipe.symbols)]);
  const targets = new Vocabulary([BLANK, ...Array.from(recipe.labels)]);
  const { item, source } = drawers(recipe, seed, sources, (answer) => targets.numbers(answer));
  const itemsOf = (side: Side, count: number) => ({
    count,
    item: item[side],
    describe: (index: number) => ({ input: source[side](index), target: recipe.answer(source[side](index)) }),
  });
  const listed = (side: Side, count: number) => Array.from({ length: count }, (_, i) => item[side](i));
  return alignedFrom(head, {
    symbols: sources.symbols,
    labels: targets.symbols,
    steps: Math.max(recipe.longestSource, recipe.longestTarget),
    example: source.train(0),
    train: itemsOf('train', Infinity),
    validation: itemsOf('validation', recipe.validationItems),
    trainItems: () => listed('train', COUNTED),
    validationItems: () => listed('validation', recipe.validationItems),
    criterion: criterionFor(recipe),
    ...(recipe.groups ? { groups: recipe.groups } : {}),
  });
}

/**
 * Items of both sides in numbers, and their sources as text. Sides follow from the text alone, so that a task and its
 * aligned form have the same ones.
 */
function drawers(recipe: Recipe, seed: number, sources: Vocabulary, target: (answer: string) => Int32Array) {
  const drawn = (side: Side) =>
    drawSide(
      seed,
      side,
      (random, index) => recipe.draw(random, side, index),
      (text) => Int32Array.from(text, (symbol) => symbol.codePointAt(0)!),
    );
  const source = { train: drawn('train'), validation: drawn('validation') };
  const itemOf =
    (side: Side) =>
    (index: number): PairItem => {
      const text = source[side](index);
      return { source: sources.numbers(text), target: target(recipe.answer(text)) };
    };
  return { item: { train: itemOf('train'), validation: itemOf('validation') }, source };
}

/** Makes a task, determined by its options and the seed. */
type Maker<O extends TaskOptions> = (head: TaskHead, options: OptionValues<O>, seed: number) => Task;

export const additionTask: Maker<typeof additionOptions> = (head, options, seed) =>
  translated(head, addition(options), seed);
export const additionAlignedTask: Maker<typeof additionOptions> = (head, options, seed) =>
  aligned(head, addition(options), seed);
export const reversalTask: Maker<typeof lengthOptions> = (head, options, seed) =>
  translated(head, strings(options, reversed, anyString), seed);
export const reversalAlignedTask: Maker<typeof lengthOptions> = (head, options, seed) =>
  aligned(head, strings(options, reversed, anyString), seed);
export const sortingTask: Maker<typeof lengthOptions> = (head, options, seed) =>
  translated(head, strings(options, sorted, sortedStrings), seed);
export const sortingAlignedTask: Maker<typeof lengthOptions> = (head, options, seed) =>
  aligned(head, strings(options, sorted, sortedStrings), seed);
