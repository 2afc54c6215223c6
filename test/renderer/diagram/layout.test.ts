import { expect, test } from 'vitest';
import { diagramFigure, layoutLayers, textPlaces } from '../../../renderer/diagram/layout.ts';

const layer = (name: string, ...inputs: string[]) => ({ name, kind: name, inputs, shape: '[T, B, 8]', parameters: 3 });
const chain = [layer('head', 'lstm'), layer('lstm', 'input'), layer('input')];
const branched = [
  layer('input'),
  layer('forward', 'input'),
  layer('backward', 'input'),
  layer('head', 'forward', 'backward'),
];

test('a layer lies above those it reads', () => {
  const { boxes } = layoutLayers(chain, 300);
  const top = (name: string): number => boxes.find((box) => box.layer.name === name)!.y;
  expect(top('head')).toBeLessThan(top('lstm'));
  expect(top('lstm')).toBeLessThan(top('input'));
});

test('layers side by side share the width without touching, and all boxes lie inside', () => {
  const { boxes, width, height } = layoutLayers(branched, 300);
  const [a, b] = boxes.filter(({ layer: { name } }) => name === 'forward' || name === 'backward');
  expect(a!.y).toBe(b!.y);
  expect(a!.x + a!.width).toBeLessThan(b!.x);
  for (const { x, y, width: across, height: down } of boxes) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x + across).toBeLessThanOrEqual(width);
    expect(y + down).toBeLessThanOrEqual(height);
  }
});

test('a layer without room for shape and parameters on one line has them on two', () => {
  const places = (width: number) =>
    layoutLayers(branched, width).boxes.map((box) => {
      const { shape, parameters } = textPlaces(box);
      expect(parameters.y).toBeLessThan(box.y + box.height);
      return parameters.y > shape.y;
    });
  expect(places(300)).toEqual([false, true, true, false]);
  expect(places(600)).toEqual([false, false, false, false]);
});

test('wires lead from the top of a layer to the bottom of the one that reads it', () => {
  const { boxes, wires } = layoutLayers(branched, 300);
  expect(wires.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'input forward',
    'input backward',
    'forward head',
    'backward head',
  ]);
  for (const { from, to, points } of wires) {
    const [start, end] = [points[0]!, points.at(-1)!];
    expect(start[1]).toBe(boxes.find((box) => box.layer.name === from)!.y);
    const reader = boxes.find((box) => box.layer.name === to)!;
    expect(end[1]).toBe(reader.y + reader.height);
  }
});

test('inputs that are not there are left out, and a circle comes to an end', () => {
  const { wires, boxes } = layoutLayers([layer('a', 'b', 'nowhere'), layer('b', 'a')], 300);
  expect(boxes).toHaveLength(2);
  expect(wires).toHaveLength(2);
});

test('its figure says every layer with its shape and size', () => {
  const texts = diagramFigure(chain, 'A model').marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : []));
  expect(texts).toEqual(expect.arrayContaining(['A model', 'Head', 'Lstm', 'Input', '[T, B, 8]', '3 parameters']));
});
