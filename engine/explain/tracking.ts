/**
 * How well units track something that is true of some steps and not of others: a property of the symbols, or "inside the
 * stretch that the person marked".
 *
 * The measure is the area under the receiver operating characteristic: the probability that the unit is higher at a step
 * where it is true than at one where it is not, ties counted half (Hanley & McNeil 1982). 1/2 is chance; a unit that is
 * lower where it is true tracks it as well, the other way round. It needs no threshold and no assumption about how values
 * are spread.
 */
import type { Marks } from './properties.ts';

export interface Tracking {
  readonly unit: number;
  /** 0 to 1; above 1/2: higher where it is true. */
  readonly area: number;
  /** Means where it is true and where it is not. */
  readonly inside: number;
  readonly outside: number;
}

/** Values of all units at some steps, and what is true there. */
export interface MarkedValues {
  /** [T, H] */
  readonly values: Float32Array;
  /** [T] */
  readonly marks: Marks;
}

/**
 * Every unit, the best first. Several sequences count as one; steps whose mark is null do not. Empty where nothing is
 * marked, or everything is.
 */
export function rankUnits(sequences: readonly MarkedValues[], units: number): readonly Tracking[] {
  const marks = sequences.flatMap((sequence) => [...sequence.marks]);
  const yes = marks.filter((mark) => mark === true).length;
  const no = marks.filter((mark) => mark === false).length;
  if (yes === 0 || no === 0) return [];
  const values = new Float64Array(yes + no);
  const truth = new Uint8Array(yes + no);
  const ranked = Array.from({ length: units }, (_, unit) => {
    let n = 0;
    let [inside, outside] = [0, 0];
    for (const sequence of sequences) {
      sequence.marks.forEach((mark, t) => {
        if (mark === null) return;
        const value = sequence.values[t * units + unit]!;
        values[n] = value;
        truth[n++] = mark ? 1 : 0;
        if (mark) inside += value;
        else outside += value;
      });
    }
    return { unit, area: areaUnderCurve(values, truth, yes, no), inside: inside / yes, outside: outside / no };
  });
  const strength = ({ area }: Tracking): number => Math.abs(area - 0.5);
  return ranked.sort((a, b) => strength(b) - strength(a) || a.unit - b.unit);
}

// From the ranks of the values where it is true (Mann & Whitney 1947), equal values sharing their mean rank.
function areaUnderCurve(values: Float64Array, truth: Uint8Array, yes: number, no: number): number {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  let ranks = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    let trueOnes = 0;
    while (to < order.length && values[order[to]!] === values[order[from]!]) trueOnes += truth[order[to++]!]!;
    ranks += trueOnes * ((from + 1 + to) / 2);
    from = to;
  }
  return (ranks - (yes * (yes + 1)) / 2) / (yes * no);
}

/** A stretch of a sequence, both ends included. */
export interface Stretch {
  readonly sequence: number;
  readonly from: number;
  readonly to: number;
}

export interface Pattern {
  readonly unit: number;
  /** It counts as on above this, or, where `low`, below it. */
  readonly threshold: number;
  readonly low: boolean;
}

/** The units that are on all through a stretch and off around it, as thresholds between the two (Strobelt et al. 2018). */
export function patternOf(tracked: readonly Tracking[], most: number): readonly Pattern[] {
  return tracked.slice(0, most).map(({ unit, area, inside, outside }) => ({
    unit,
    threshold: (inside + outside) / 2,
    low: area < 0.5,
  }));
}

/** Stretches in which all units of a pattern are on, the longest first, at most `most`. `values`: of each sequence, [T, H]. */
export function findPattern(
  pattern: readonly Pattern[],
  values: readonly Float32Array[],
  units: number,
  most: number,
): readonly Stretch[] {
  const found: Stretch[] = [];
  if (pattern.length === 0) return found;
  values.forEach((sequence, number) => {
    const steps = sequence.length / units;
    let from = -1;
    for (let t = 0; t <= steps; t++) {
      const on =
        t < steps &&
        pattern.every(({ unit, threshold, low }) => {
          const value = sequence[t * units + unit]!;
          return low ? value < threshold : value > threshold;
        });
      if (on && from < 0) from = t;
      if (!on && from >= 0) {
        found.push({ sequence: number, from, to: t - 1 });
        from = -1;
      }
    }
  });
  const length = ({ from, to }: Stretch): number => to - from;
  return found.sort((a, b) => length(b) - length(a) || a.sequence - b.sequence || a.from - b.from).slice(0, most);
}
