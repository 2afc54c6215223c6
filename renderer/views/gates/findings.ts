/**
 * Which units do what: units that are on over a stretch and off elsewhere, and units that track a property of what is read.
 * Values are [T, H], time-major.
 */

export const PROPERTIES = ['vowel', 'blank', 'capital', 'quoted', 'position'] as const;
export type Property = (typeof PROPERTIES)[number];

export interface Finding {
  readonly unit: number;
  /** -1 to 1: Pearson's correlation of the unit with the mark. */
  readonly tracks: number;
  /** Means of the unit where the mark is above its own mean, and elsewhere. */
  readonly inside: number;
  readonly outside: number;
}

/** 1 on the stretch (both ends included), else 0. */
export function markStretch(steps: number, from: number, to: number): Float32Array {
  return Float32Array.from({ length: steps }, (_, step) => (step >= from && step <= to ? 1 : 0));
}

/** What a property of the symbols is at each step. Blanks and line breaks are given as they are shown. */
export function markProperty(labels: readonly string[], property: Property): Float32Array {
  let open = false;
  let column = 0;
  return Float32Array.from(labels, (label) => {
    if (/["\u201c\u201d]/u.test(label)) open = label === '\u201c' ? true : label === '\u201d' ? false : !open;
    column = label === '\u21b5' ? 0 : column + 1;
    switch (property) {
      case 'vowel':
        return Number(/^[aeiouy\u00e0-\u00e6\u00e8-\u00ef\u00f2-\u00f6\u00f9-\u00fc]$/iu.test(label));
      case 'blank':
        return Number(label === '\u2423' || label === '\u21b5');
      case 'capital':
        return Number(/^\p{Lu}$/u.test(label));
      case 'quoted':
        return Number(open);
      case 'position':
        return column;
    }
  });
}

/** Whether the mark differs between steps at all: else nothing can track it. */
export function varies(mark: Float32Array): boolean {
  return mark.some((value) => value !== mark[0]);
}

/** All units, those that track the mark best first, whichever way round. */
export function rankUnits(values: Float32Array, units: number, mark: Float32Array): readonly Finding[] {
  const mean = average(mark);
  const findings = Array.from({ length: units }, (_, unit): Finding => {
    const own = Float32Array.from(mark, (_, step) => values[step * units + unit]!);
    const ownMean = average(own);
    let [both, squares, markSquares] = [0, 0, 0];
    own.forEach((value, step) => {
      both += (value - ownMean) * (mark[step]! - mean);
      squares += (value - ownMean) ** 2;
      markSquares += (mark[step]! - mean) ** 2;
    });
    const size = Math.sqrt(squares * markSquares);
    return {
      unit,
      tracks: size === 0 ? 0 : both / size,
      inside: average(own.filter((_, step) => mark[step]! > mean)),
      outside: average(own.filter((_, step) => mark[step]! <= mean)),
    };
  });
  return findings.sort((a, b) => Math.abs(b.tracks) - Math.abs(a.tracks) || a.unit - b.unit);
}

function average(values: Float32Array): number {
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
