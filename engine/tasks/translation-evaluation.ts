/** How well sequences are turned into others: exact matches by length of the source, symbols, and free decodings. */
import { editDistance } from './edit-distance.ts';
import { crossEntropy, isSolved, MeanLoss, shareRight, withInterval } from './evaluation.ts';
import { Ratio } from './intervals.ts';
import { Random } from '../random.ts';
import { Stream } from './streams.ts';
import { IGNORED } from './task.ts';
import type { Criterion, Evaluation, Evaluator, Metric, SequenceSet, TranslatedExample } from './task.ts';

/** A part of the validation items whose exact matches are counted by themselves. */
export interface ItemGroup {
  /** In the metric's name: 'exactMatchQuarter4'. */
  readonly name: string;
  /** After "exact match, ": 'longest quarter (29 to 41 symbols)'. */
  readonly label: string;
  readonly items: ReadonlySet<number>;
}

export interface TranslationMeasures {
  /** V, labels of the target. */
  readonly labels: number;
  /** Labels that are never chosen. */
  readonly excluded: ReadonlySet<number>;
  /** Steps of item i's source, without padding. */
  sourceSteps(item: number): number;
  /** Made when the first batch comes. */
  groups(): readonly ItemGroup[];
  /** Whose greedy decodings are compared with the target, symbol by symbol; none: the empty list. */
  readonly decodes: readonly number[];
  /** What the rate of wrong symbols is called: 'phone error rate'. Where it decides, it comes first. */
  readonly errorRate: { readonly name: string; readonly label: string; readonly decides: boolean };
  /** For benchmarks. */
  readonly criterion?: Criterion | undefined;
  /** Item i's target, without start and end. */
  target(item: number): Int32Array;
  /** Item i as a person would read it. */
  describe(item: number): { readonly input: string; readonly target: string };
  /** Labels as text. */
  write(labels: Iterable<number>): string;
}

/** Decodings that an evaluation shows. */
const EXAMPLES = 12;

/**
 * Counts an item as exact where every label is right given the right ones before it: such an item, and no other, comes
 * out whole when it is decoded greedily, since up to its first mistake a decoder has been fed the same symbols.
 */
export function translationEvaluator(measures: TranslationMeasures): Evaluator {
  const { labels: V, excluded, decodes, errorRate } = measures;
  const loss = new MeanLoss();
  const exact = new Map<number, boolean>();
  const right = new Ratio();
  const wrongSymbols = new Ratio();
  const shown = new Set(someItems({ count: decodes.length }, EXAMPLES).map((n) => decodes[n]!));
  const examples = new Map<number, TranslatedExample>();
  return {
    decodes,
    add(buffers, steps, items, outputs) {
      loss.add(outputs);
      items.forEach((item, b) => {
        if (item < 0) return;
        let wrongHere = 0;
        let asked = 0;
        for (let t = 0; t < steps; t++) {
          const row = t * buffers.batchSize + b;
          const truth = buffers.targetLabels![row]!;
          if (truth !== IGNORED) {
            asked++;
            wrongHere += choose(outputs.outputs, row * V, V, excluded) === truth ? 0 : 1;
          }
        }
        right.add(asked - wrongHere, asked);
        exact.set(item, wrongHere === 0);
      });
    },
    addDecoded(item, labels) {
      const target = measures.target(item);
      wrongSymbols.add(editDistance(labels, target), target.length);
      if (shown.has(item)) {
        const output = measures.write(labels);
        const described = measures.describe(item);
        examples.set(item, { ...described, output, right: output === described.target });
      }
    },
    finish(): Evaluation {
      const exactOf = (items: Iterable<number>, label: string, name: string): Metric => {
        const whole = new Ratio();
        for (const item of items) whole.add(exact.get(item) === true ? 1 : 0, 1);
        return shareRight(whole, 'sequences', label, name);
      };
      const exactMatch = exactOf(exact.keys(), 'exact match', 'exactMatch');
      const errors: readonly Metric[] =
        decodes.length === 0
          ? []
          : [
              withInterval(
                { name: errorRate.name, label: errorRate.label, value: wrongSymbols.value, better: 'lower' },
                wrongSymbols.meanInterval('sequences'),
              ),
            ];
      const metrics = [
        ...(errorRate.decides ? [...errors, exactMatch] : [exactMatch, ...errors]),
        shareRight(right, 'sequences', 'symbols right', 'symbolAccuracy'),
        crossEntropy(loss.value, loss.interval),
        ...measures.groups().map(({ name, label, items }) => {
          const part = [...items].filter((item) => exact.has(item));
          return exactOf(part, `exact match, ${label}`, `exactMatch${name}`);
        }),
      ];
      return {
        metrics,
        ...(measures.criterion === undefined ? {} : { solved: isSolved(metrics, measures.criterion) }),
        ...(examples.size > 0 ? { examples: decodes.flatMap((item) => examples.get(item) ?? []) } : {}),
        lengths: byLength(exact, (item) => measures.sourceSteps(item)),
      };
    },
  };
}

/** The most probable label that may be chosen; the first on ties. */
export function choose(
  probabilities: ArrayLike<number>,
  start: number,
  count: number,
  excluded: ReadonlySet<number>,
): number {
  let best = -1;
  for (let i = 0; i < count; i++) {
    if (!excluded.has(i) && (best < 0 || probabilities[start + i]! > probabilities[start + best]!)) {
      best = i;
    }
  }
  return best;
}

/** `count` items of a set (or all) in order, drawn at random: those of a made set may take turns in kind. */
export function someItems(set: Pick<SequenceSet, 'count'>, count: number): readonly number[] {
  const drawn = new Random(0, Stream.decoded).permutation(set.count).subarray(0, count);
  return Array.from(drawn.sort());
}

const QUARTERS = ['shortest', 'second', 'third', 'longest'] as const;

/** The set's items in four equal parts by length of the source; where there are fewer than 8, none. */
export function quarters(count: number, sourceSteps: (item: number) => number): readonly ItemGroup[] {
  if (count < 8) return [];
  const lengths = Array.from({ length: count }, (_, item) => sourceSteps(item));
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  return QUARTERS.map((which, q) => {
    const items = order.slice(Math.floor((count * q) / 4), Math.floor((count * (q + 1)) / 4));
    const from = lengths[items[0]!]!;
    const to = lengths[items.at(-1)!]!;
    const range = from === to ? `${from} symbols` : `${from} to ${to} symbols`;
    return { name: `Quarter${q + 1}`, label: `${which} quarter (${range})`, items: new Set(items) };
  });
}

function byLength(
  exact: ReadonlyMap<number, boolean>,
  sourceSteps: (item: number) => number,
): NonNullable<Evaluation['lengths']> {
  const found = new Map<number, { steps: number; items: number; exact: number }>();
  for (const [item, whole] of exact) {
    const steps = sourceSteps(item);
    const entry = found.get(steps) ?? { steps, items: 0, exact: 0 };
    entry.items++;
    entry.exact += whole ? 1 : 0;
    found.set(steps, entry);
  }
  return [...found.values()].sort((a, b) => a.steps - b.steps);
}
