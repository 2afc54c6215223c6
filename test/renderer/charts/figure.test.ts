import { fc, test as property } from '@fast-check/vitest';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { drawFigure } from '../../../renderer/charts/canvas.ts';
import { toCsv } from '../../../renderer/charts/csv.ts';
import { curve } from '../../../renderer/charts/curve.ts';
import { COLOURS, readPalette, type Figure } from '../../../renderer/charts/figure.ts';
import { lineFigure } from '../../../renderer/charts/line-figure.ts';
import { fileName } from '../../../renderer/charts/save.ts';
import { tickText, type ChartSpec } from '../../../renderer/charts/spec.ts';
import { toSvg } from '../../../renderer/charts/svg.ts';

const palette = readPalette({ getPropertyValue: (name) => ` #${name.length}00000 ` });

const spec: ChartSpec = {
  title: 'Loss <of> "A" & B',
  xLabel: 'update',
  series: [
    { key: 'a', label: 'A', colour: 'run-1', x: Float64Array.of(0, 10, 20, 30), y: Float64Array.of(4, 2, NaN, 1) },
    { key: 'b', label: 'B', colour: 'run-2', x: Float64Array.of(5), y: Float64Array.of(3), dots: true },
  ],
  levels: [{ label: 'always 1', value: 6, colour: 'edge', dash: [2, 2] }],
  scale: 'linear',
  format: String,
  formatTick: String,
  formatX: String,
};

/** The points of the lines of a figure in one colour. */
function lines({ marks }: Figure, colour: string): (readonly (readonly [number, number])[])[] {
  return marks.flatMap((mark) =>
    mark.kind === 'line' && mark.colour === colour && mark.width > 1.7 && mark.width < 2 ? [mark.points] : [],
  );
}

test('a tick between whole numbers says nothing that one of them says', () => {
  const whole = { formatX: (value: number) => value.toFixed(0) };
  expect([0, 0.5, 1, 1.5, 2].map((x) => tickText(whole, x))).toEqual(['0', '', '1', '', '2']);
  const tenths = { formatX: (value: number) => value.toFixed(1) };
  expect([0, 0.5, 1].map((x) => tickText(tenths, x))).toEqual(['0.0', '0.5', '1.0']);
});

describe('a line figure', () => {
  const figure = lineFigure(spec);

  test('breaks a line where a value is missing', () => {
    expect(lines(figure, 'run-1').map(({ length }) => length)).toEqual([2, 1]);
  });

  test('puts larger values higher, and everything inside the page', () => {
    const [[first, second] = []] = lines(figure, 'run-1');
    expect(first![1]).toBeLessThan(second![1]);
    for (const mark of figure.marks) {
      const points = mark.kind === 'line' ? mark.points : [[mark.x, mark.y] as const];
      for (const [x, y] of points) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(figure.width);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(figure.height);
      }
    }
  });

  test('marks what happened, with its words inside the page', () => {
    const { marks, width } = lineFigure({
      ...spec,
      markers: [{ x: 29, label: 'learning rate 0.01 to 5', colour: 'ink' }],
    });
    const words = marks.find((mark) => mark.kind === 'text' && mark.text === 'learning rate 0.01 to 5');
    expect(words).toMatchObject({ anchor: 'end' });
    expect((words as { x: number }).x).toBeLessThan(width);
  });

  test('names every series and level', () => {
    const texts = figure.marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : []));
    expect(texts).toEqual(expect.arrayContaining(['A', 'B', 'always 1', 'update', spec.title]));
  });
});

describe('as SVG', () => {
  const svg = toSvg(lineFigure(spec), palette);

  test('has its texts escaped and its elements closed', () => {
    expect(svg).toContain('Loss &lt;of&gt; &quot;A&quot; &amp; B');
    const opened = [...svg.matchAll(/<(\w+)[^>]*[^/]>/gu)].map(([, name]) => name);
    const closed = [...svg.matchAll(/<\/(\w+)>/gu)].map(([, name]) => name);
    expect(opened.toSorted()).toEqual(closed.toSorted());
  });

  test('has no colour that the theme does not have, and no number that is none', () => {
    const used = new Set([...svg.matchAll(/(?:fill|stroke)="(#[^"]+)"/gu)].map(([, colour]) => colour));
    for (const colour of used) expect(Object.values(palette)).toContain(colour);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/u);
  });
});

test('a canvas is given every mark of a figure', () => {
  const done: string[] = [];
  const context = new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          done.push(`${String(name)}(${args.join()})`),
      set: () => true,
    },
  );
  const figure: Figure = {
    width: 10,
    height: 10,
    marks: [
      {
        kind: 'line',
        points: [
          [1, 2],
          [3, 4],
        ],
        colour: 'ink',
        width: 1,
      },
      { kind: 'dot', x: 5, y: 6, radius: 2, colour: 'ink' },
      { kind: 'box', x: 1, y: 1, width: 2, height: 2, fill: 'ink', stroke: 'edge' },
      { kind: 'text', x: 7, y: 8, text: 'hello', colour: 'ink' },
    ],
  };
  drawFigure(context as never, figure, palette, 2);
  const drawn = done.join(' ');
  for (const call of [
    'scale(2,2)',
    'moveTo(1,2)',
    'lineTo(3,4)',
    'arc(5,6,2',
    'roundRect(1,1,2,2,0)',
    'fillText(hello,7,8)',
  ]) {
    expect(drawn).toContain(call);
  }
});

test('a palette has every colour', () => {
  expect(Object.keys(palette)).toEqual([...COLOURS]);
});

const anyCell = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));

property.prop([fc.array(fc.array(anyCell, { minLength: 3, maxLength: 3 }), { minLength: 1 })])(
  'CSV is read back as it was written',
  (rows) => {
    const text = toCsv(['a', 'b', 'c'], rows);
    const read: unknown = parse(text, { bom: true, relaxColumnCount: false, recordDelimiter: '\r\n' });
    const plain = (value: string | number | boolean | null): string => {
      if (value === null) return '';
      // What a spreadsheet would compute is kept from it by an apostrophe.
      return typeof value === 'string' && /^[=+\-@\t\r]/u.test(value) ? `'${value}` : String(value);
    };
    expect(read).toEqual([['a', 'b', 'c'], ...rows.map((row) => row.map(plain))]);
  },
);

test.each([
  ['Moby-Dick, LSTM 128 Loss, nats', 'moby-dick-lstm-128-loss-nats'],
  ['Änderung / größer', 'a-nderung-gro-ßer'],
  ['../../', 'unrolled'],
  ['日本語', '日本語'],
])('%s is saved as %s', (name, file) => {
  expect(fileName(name).normalize()).toBe(file);
});

describe('a curve', () => {
  test('fills its box from left to right, large values at the top', () => {
    expect(curve(Float64Array.of(0, 10), Float64Array.of(1, 3), 100, 20)).toBe('0.0,18.0 100.0,2.0');
  });

  test('leaves room for what is to come', () => {
    expect(curve(Float64Array.of(0, 10), Float64Array.of(1, 3), 100, 20, 20)).toBe('0.0,18.0 50.0,2.0');
  });

  test('is nothing where there is nothing', () => {
    expect(curve(Float64Array.of(1), Float64Array.of(NaN), 100, 20)).toBe('');
  });
});
