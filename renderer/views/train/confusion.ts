import type { Figure, Mark } from '../../charts/figure.ts';
import { count } from '../../format.ts';

interface Confusion {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

const CELL = 44;
const LEFT = 130;
const TOP = 92;
/** Counts are written into the cells of at most so many labels. */
const MOST_WRITTEN = 24;

/** Of the accent in a cell that has all of its row, so that what is written in it stays legible. */
export const SHADE = 0.5;

/** Each count as a share of its row; a row without any is all zeros. */
export function rowShares(counts: Confusion['counts']): readonly (readonly number[])[] {
  return counts.map((row) => {
    const sum = row.reduce((total, cell) => total + cell, 0);
    return row.map((cell) => (sum === 0 ? 0 : cell / sum));
  });
}

/** The matrix as a figure to be saved. */
export function confusionFigure({ labels, counts }: Confusion, title: string): Figure {
  const shares = rowShares(counts);
  const cell = labels.length > MOST_WRITTEN ? 14 : CELL;
  const marks: Mark[] = [{ kind: 'text', x: 24, y: 34, text: title, size: 17, weight: 600, colour: 'ink' }];
  labels.forEach((label, i) => {
    const middle = (i + 0.5) * cell;
    const text = cell === CELL ? label.slice(0, 16) : label.slice(0, 4);
    marks.push(
      { kind: 'text', x: LEFT - 8, y: TOP + middle + 4, text, size: 10, anchor: 'end', colour: 'ink-soft' },
      // Columns are narrow: their labels are cut, in the order of the rows.
      {
        kind: 'text',
        x: LEFT + middle,
        y: TOP - 10,
        text: label.slice(0, 6),
        size: 10,
        anchor: 'middle',
        colour: 'ink-soft',
      },
    );
  });
  counts.forEach((row, i) => {
    row.forEach((value, j) => {
      const share = shares[i]?.[j] ?? 0;
      const [x, y] = [LEFT + j * cell, TOP + i * cell];
      const place = { x: x + 0.5, y: y + 0.5, width: cell - 1, height: cell - 1 };
      marks.push(
        { kind: 'box', ...place, fill: 'sunken' },
        { kind: 'box', ...place, fill: 'accent', opacity: SHADE * share },
      );
      if (cell === CELL) {
        const text = count(value);
        marks.push({
          kind: 'text',
          x: x + cell / 2,
          y: y + cell / 2 + 4,
          text,
          size: 11,
          anchor: 'middle',
          colour: 'ink',
        });
      }
    });
  });
  const size = labels.length * cell;
  return { width: LEFT + size + 24, height: TOP + size + 24, marks };
}
