/**
 * Small tasks and models that are trained while somebody watches: the five shapes of sequence models, the shape that
 * does not fit, and the four rungs from equal lengths to the transformer.
 */
import type { Experiment } from '../experiment/experiment.ts';
import { parseExperiment } from '../experiment/schema.ts';
import type { JsonValue } from '../json.ts';
import { Random } from '../random.ts';
import { alignedTask } from '../tasks/aligned.ts';
import { classificationCodec, classificationEvaluator, classificationState } from '../tasks/classification.ts';
import { classificationTask } from '../tasks/classification.ts';
import { characterEvaluator } from '../tasks/evaluation.ts';
import { generationCodec } from '../tasks/generation.ts';
import { listedTokens } from '../tasks/items.ts';
import { reversalAlignedTask, reversalTask } from '../tasks/synthetic/pairs.ts';
import { taggingTask } from '../tasks/tagging.ts';
import type { Task, TaskHead } from '../tasks/task.ts';
import { translationTask, type Pair } from '../tasks/translation.ts';
import { END, START, Vocabulary } from '../tasks/vocabulary.ts';
import { inWords } from './number-words.ts';

/** What is fed in and what comes out, by number of steps. */
export const SHAPES = ['one-to-one', 'one-to-many', 'many-to-one', 'aligned', 'unequal'] as const;
export type Shape = (typeof SHAPES)[number];

export const RUNGS = ['aligned', 'plain', 'attention', 'transformer'] as const;
export type Rung = (typeof RUNGS)[number];

/** The rungs' strings: up to 16 symbols, or longer ones, where it shows what each rung is for. */
export const LADDERS = ['rung', 'long'] as const;
export type Ladder = (typeof LADDERS)[number];

/** 'misfit': the task of unequal lengths given to the aligned model. */
export const TRIALS = [
  ...SHAPES.map((shape) => `shape-${shape}` as const),
  'shape-misfit',
  ...RUNGS.map((rung) => `rung-${rung}` as const),
  ...RUNGS.map((rung) => `long-${rung}` as const),
] as const;
export type TrialName = (typeof TRIALS)[number];

export interface TrialPlan {
  readonly task: Task;
  readonly experiment: Experiment;
}

/** Of the strings that the rungs write backwards; some that are held out are longer than any that is trained. */
export const LADDER_LENGTHS = {
  rung: { shortest: 2, longest: 16, beyond: 4, alphabet: 8 },
  long: { shortest: 2, longest: 32, beyond: 4, alphabet: 8 },
} as const satisfies Readonly<Record<Ladder, object>>;

const SPLIT = { validationShare: 0.1, split: 1 } as const;
const NUMBERS = Array.from({ length: 1000 }, (_, n) => n);
const VALIDATION_ITEMS = 300;

export function planTrial(name: TrialName): TrialPlan {
  const { task, model, training } = PLANS[name]();
  return {
    task,
    experiment: parseExperiment({
      format: 'unrolled-experiment',
      version: 1,
      name,
      seed: 1,
      task: { id: task.id },
      model,
      training: { optimizer: { kind: 'adam', learningRate: 0.005 }, clipNorm: 1, batchSize: 32, ...training },
    }),
  };
}

/** The same rung as an experiment of the program's own, to be trained as every run is; evaluated by length. */
export function ladderExperiment(rung: Rung, ladder: Ladder = 'rung'): Experiment {
  const { model, training } = RUNG_MODELS[rung];
  const { shortest, longest, alphabet } = LADDER_LENGTHS[ladder];
  const id = rung === 'aligned' ? 'reversal-aligned' : 'reversal';
  return parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    seed: 1,
    task: { id, shortest, longest, alphabet, beyond: 0, validationItems: VALIDATION_ITEMS },
    model,
    training: { clipNorm: 1, evaluateEvery: 250, ...training },
  });
}

type Fields = Readonly<Record<string, JsonValue>>;
interface Plan {
  readonly task: Task;
  readonly model: Fields;
  readonly training: Fields;
}

const gru = { cell: 'gru', hiddenSize: 64, embeddingSize: 16 } as const;
const ladderTraining = {
  updates: 2500,
  batchSize: 64,
  optimizer: { kind: 'adam', learningRate: 0.003 },
  schedule: { kind: 'cosine', warmup: 100, floor: 0.02 },
} as const;

/** Of about one size. */
const RUNG_MODELS: Readonly<Record<Rung, Omit<Plan, 'task'>>> = {
  aligned: { model: { ...gru, hiddenSize: 96 }, training: ladderTraining },
  plain: { model: { ...gru, architecture: 'encoder-decoder' }, training: ladderTraining },
  attention: {
    model: { ...gru, hiddenSize: 56, architecture: 'encoder-decoder', attention: 'general' },
    training: ladderTraining,
  },
  transformer: {
    model: { architecture: 'transformer', modelSize: 40, heads: 4, layers: 1, feedForwardSize: 128 },
    training: ladderTraining,
  },
};

const PLANS: Readonly<Record<TrialName, () => Plan>> = {
  'shape-one-to-one': () => ({
    task: digitNames(),
    model: { ...gru, hiddenSize: 32 },
    training: { updates: 400, batchSize: 10 },
  }),
  'shape-one-to-many': () => ({ task: numberWriting(), model: gru, training: { updates: 1200 } }),
  'shape-many-to-one': () => ({ task: hundreds(), model: gru, training: { updates: 600 } }),
  'shape-aligned': () => ({ task: runningMaximum(), model: gru, training: { updates: 600 } }),
  'shape-unequal': () => ({
    task: translationTask(head('numbers from words'), numberPairs(), SPLIT, {
      separators: { source: '', target: '' },
      what: 'number',
    }),
    model: { ...gru, architecture: 'encoder-decoder' },
    training: { updates: 2000 },
  }),
  'shape-misfit': () => ({
    task: alignedTask(head('numbers from words, in step'), numberPairs(), SPLIT, 'number'),
    model: gru,
    training: { updates: 2000 },
  }),
  'rung-aligned': () => rungPlan('aligned', 'rung'),
  'rung-plain': () => rungPlan('plain', 'rung'),
  'rung-attention': () => rungPlan('attention', 'rung'),
  'rung-transformer': () => rungPlan('transformer', 'rung'),
  'long-aligned': () => rungPlan('aligned', 'long'),
  'long-plain': () => rungPlan('plain', 'long'),
  'long-attention': () => rungPlan('attention', 'long'),
  'long-transformer': () => rungPlan('transformer', 'long'),
};

function rungPlan(rung: Rung, ladder: Ladder): Plan {
  const options = { ...LADDER_LENGTHS[ladder], validationItems: VALIDATION_ITEMS };
  const task =
    rung === 'aligned'
      ? reversalAlignedTask(head('reversal, in step'), options, 1)
      : reversalTask(head('reversal'), options, 1);
  return { task, ...RUNG_MODELS[rung] };
}

function head(title: string): TaskHead {
  return {
    id: title.replaceAll(/\W+/gu, '-'),
    title,
    origin: { title, source: 'Made by this program.', licence: 'Made by this program' },
  };
}

/** A digit to the word for it. Ten inputs are all that there are: none is held out. */
function digitNames(): Task {
  const symbols = Array.from('0123456789');
  const labels = symbols.map((digit) => inWords(Number(digit)));
  const codec = classificationCodec(classificationState(symbols, labels, '', '7'));
  const items = symbols.map((_, n) => ({ tokens: Int32Array.of(n), targets: Int32Array.of(n) }));
  const set = listedTokens(items, {
    per: 'sequence',
    describe: (_item, n) => ({ input: symbols[n]!, target: labels[n]! }),
  });
  return {
    ...head('digits by name'),
    kind: 'classification',
    input: codec.input,
    output: codec.output,
    train: set,
    validation: set,
    state: classificationState(symbols, labels, '', '7'),
    baselines: () => [],
    evaluator: () => classificationEvaluator(labels),
    codec,
  };
}

/**
 * A number below a hundred, as one vector, to its letters. A vector is looked up by its number, so that one that was
 * never trained says nothing: none is held out.
 */
function numberWriting(): Task {
  const conditions = NUMBERS.slice(0, 100).map(String);
  const words = conditions.map((number) => inWords(Number(number)));
  const vocabulary = Vocabulary.of(
    words.map((word) => Array.from(word)),
    [START, END],
  );
  const state = { family: 'generation', symbols: vocabulary.symbols, conditions };
  const codec = generationCodec(state);
  const items = words.map((word, condition) => {
    const whole = vocabulary.numbers([START, ...Array.from(word), END]);
    return { tokens: whole.subarray(0, -1), targets: whole.subarray(1), condition };
  });
  const set = listedTokens(items, {
    per: 'step',
    describe: (_item, n) => ({ input: conditions[n]!, target: words[n]! }),
  });
  return {
    ...head('numbers written from one vector'),
    kind: 'generation',
    input: codec.input,
    output: codec.output,
    conditions,
    boundaries: codec.boundaries!,
    train: set,
    validation: set,
    state,
    baselines: () => [],
    evaluator: characterEvaluator,
    codec,
  };
}

/** A number in words to its hundreds: what decides stands at the beginning. */
function hundreds(): Task {
  const items = NUMBERS.map((number) => ({ text: inWords(number), label: String(Math.floor(number / 100)) }));
  return classificationTask(head('hundreds of a number in words'), items, SPLIT, 'number');
}

/** Digits to the largest so far. */
function runningMaximum(): Task {
  const random = new Random(1, 0);
  const digits = Array.from('0123456789');
  const sequences = Array.from({ length: 1500 }, () => {
    const symbols = Array.from({ length: 3 + random.below(8) }, () => digits[random.below(10)]!);
    const tags = symbols.map((_, t) => String(Math.max(...symbols.slice(0, t + 1).map(Number))));
    return { symbols, tags, group: symbols.join(' ') };
  });
  return taggingTask(head('largest digit so far'), sequences, digits, SPLIT, 'sequence');
}

/** What a number ends in decides how many digits come before: the first of them is not known until all is read. */
function numberPairs(): readonly Pair[] {
  return NUMBERS.map((number) => ({ source: inWords(number), target: String(number) }));
}
