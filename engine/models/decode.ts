/** Sequences written by a decoding model: greedily, drawn, or as the best of a beam. */
import type { Random } from '../random.ts';
import type { Boundaries } from '../tasks/task.ts';
import { drawSymbol, type SamplingOptions } from './sampling.ts';
import type { AttentionChanges, AttentionRow, StepwiseModel } from './stepwise.ts';

export interface DecodeOptions {
  readonly boundaries: Boundaries;
  /** Symbols that are never chosen. */
  readonly excluded: ReadonlySet<number>;
  /** The most symbols, the end included; at most the planned steps. */
  readonly steps: number;
  /** Symbols that are written first, whatever their probability: a branch that somebody follows. */
  readonly forced?: readonly number[];
  readonly changes?: AttentionChanges;
  /** What the decoder starts from in place of the source's own state, as `StepwiseModel.startState` has it. */
  readonly startState?: ArrayLike<number> | undefined;
  /** Tell of attention over what was written too. */
  readonly allAttention?: boolean;
}

export interface BeamOptions extends DecodeOptions {
  /** Hypotheses that are kept at each step, at most the model's batch. */
  readonly beams: number;
  /** A hypothesis of n symbols, its end included, counts log p / n^this (0: log p itself; 1: the mean). */
  readonly lengthPenalty: number;
}

export interface DecodedStep {
  readonly symbol: number;
  readonly probability: number;
  /** Of every symbol, [V]. */
  readonly probabilities: Float32Array;
  readonly attention: readonly AttentionRow[];
}

export interface Decoding {
  /** The end, where it was written, included. */
  readonly steps: readonly DecodedStep[];
  /** Without the end. */
  readonly symbols: readonly number[];
  /** The end was written, rather than room lacking. */
  readonly ended: boolean;
  /** Natural. */
  readonly logProbability: number;
  /** What hypotheses are ordered by. */
  readonly score: number;
}

/** One hypothesis that a beam has looked at: a branch of its tree. */
export interface BeamNode {
  /** Its place in the tree's list; -1: it is a first symbol. */
  readonly parent: number;
  readonly symbol: number;
  readonly probability: number;
  /** Of the whole branch. */
  readonly logProbability: number;
  readonly ended: boolean;
}

export interface BeamResult {
  /** The best first; at most `beams`. */
  readonly decodings: readonly Decoding[];
  /** Every hypothesis that was kept, in the order of steps. */
  readonly tree: readonly BeamNode[];
}

/** One symbol after the other: the most probable, or with `sampling` drawn. */
export function decodeOne(
  model: StepwiseModel,
  source: Int32Array,
  options: DecodeOptions,
  sampling?: SamplingOptions & { readonly random: Random },
): Decoding {
  const { boundaries, excluded, forced = [], changes, allAttention } = options;
  const choice = { temperature: 0, topK: 0, ...sampling, excluded };
  model.start(source, changes);
  if (options.startState) model.setStartState(options.startState);
  const steps: DecodedStep[] = [];
  let logProbability = 0;
  let next = boundaries.start;
  while (steps.length < options.steps) {
    const [probabilities = new Float32Array()] = model.feed([next]);
    next =
      forced[steps.length] ??
      (sampling ? drawSymbol(probabilities, choice, sampling.random) : mostProbable(probabilities, excluded));
    const probability = probabilities[next] ?? 0;
    steps.push({ symbol: next, probability, probabilities, attention: model.attention(0, allAttention) });
    logProbability += Math.log(probability);
    if (next === boundaries.end) break;
  }
  return finished(steps, boundaries, logProbability, logProbability);
}

interface Hypothesis {
  readonly steps: readonly DecodedStep[];
  readonly logProbability: number;
  /** Its place in the tree; -1: nothing written yet. */
  readonly node: number;
  /** What it is fed next. */
  readonly last: number;
}

/** The best hypotheses by score; exact where the beam is as wide as there are hypotheses. */
export function decodeBeam(model: StepwiseModel, source: Int32Array, options: BeamOptions): BeamResult {
  const { boundaries, excluded, beams, lengthPenalty, forced = [], changes, allAttention } = options;
  if (!(beams >= 1 && beams <= model.spec.batchSize)) {
    throw new RangeError(`A beam of ${beams}, where the model has ${model.spec.batchSize} columns.`);
  }
  const scoreOf = (logProbability: number, length: number) => logProbability / length ** lengthPenalty;
  model.start(source, changes);
  if (options.startState) model.setStartState(options.startState);
  const tree: BeamNode[] = [];
  const ended: Decoding[] = [];
  let live: readonly Hypothesis[] = [{ steps: [], logProbability: 0, node: -1, last: boundaries.start }];
  for (let t = 0; t < options.steps && live.length > 0; t++) {
    const rows = model.feed(live.map(({ last }) => last));
    const looked = live.map((_, b) => model.attention(b, allAttention));
    const candidates = live.flatMap(({ logProbability }, b) =>
      symbolsOf(rows[b], excluded, forced[t]).map(({ symbol, probability }) => ({
        b,
        symbol,
        probability,
        logProbability: logProbability + Math.log(probability),
      })),
    );
    candidates.sort((a, b) => b.logProbability - a.logProbability || a.b - b.b || a.symbol - b.symbol);
    const next: Hypothesis[] = [];
    const parents: number[] = [];
    for (const { b, symbol, probability, logProbability } of candidates.slice(0, beams)) {
      const parent = live[b];
      const probabilities = rows[b];
      if (!parent || !probabilities) continue;
      const isEnd = symbol === boundaries.end;
      tree.push({ parent: parent.node, symbol, probability, logProbability, ended: isEnd });
      const steps = [...parent.steps, { symbol, probability, probabilities, attention: looked[b] ?? [] }];
      if (isEnd || t + 1 === options.steps) {
        ended.push(finished(steps, boundaries, logProbability, scoreOf(logProbability, steps.length)));
      } else {
        next.push({ steps, logProbability, node: tree.length - 1, last: symbol });
        parents.push(b);
      }
    }
    ended.sort((a, b) => b.score - a.score);
    // No more is found once the worst that will be given beats the best that a live one can still become.
    const worst = ended[beams - 1];
    const best = Math.max(...next.map(({ logProbability }) => scoreOf(logProbability, options.steps)));
    if (worst && worst.score >= best) break;
    model.reorder(parents);
    live = next;
  }
  return { decodings: ended.slice(0, beams), tree };
}

function finished(steps: readonly DecodedStep[], { end }: Boundaries, logProbability: number, score: number): Decoding {
  const symbols = steps.map(({ symbol }) => symbol);
  const ended = symbols.at(-1) === end;
  return { steps, symbols: ended ? symbols.slice(0, -1) : symbols, ended, logProbability, score };
}

function symbolsOf(probabilities: Float32Array | undefined, excluded: ReadonlySet<number>, forced: number | undefined) {
  const all = Array.from(probabilities ?? [], (probability, symbol) => ({ symbol, probability }));
  if (forced !== undefined) return all.filter(({ symbol }) => symbol === forced);
  return all.filter(({ symbol, probability }) => !excluded.has(symbol) && probability > 0);
}

/** The first of the most probable symbols that may be chosen. */
function mostProbable(probabilities: Float32Array, excluded: ReadonlySet<number>): number {
  let best = -1;
  probabilities.forEach((p, symbol) => {
    if (!excluded.has(symbol) && (best < 0 || p > (probabilities[best] ?? 0))) best = symbol;
  });
  return best;
}
