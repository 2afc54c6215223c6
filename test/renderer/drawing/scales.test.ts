import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { COLOURS, type Palette } from '../../../renderer/charts/figure.ts';
import {
  ACTIVATION_SCALE,
  cssColour,
  gateScale,
  isDark,
  NORM_SCALE,
  paint,
  shades,
  SHADES,
  share,
} from '../../../renderer/drawing/scales.ts';

const palette = {
  ...Object.fromEntries(COLOURS.map((colour) => [colour, '#808080'])),
  surface: '#fff',
  forget: '#d55e00',
  low: '#3d52b8',
  high: '#c05600',
  norm: '#0b5a6e',
} as Palette;

const forget = gateScale('forget');

describe('a scale', () => {
  test('begins and ends in the colours of its stops, however they are written', () => {
    const colours = shades(forget, palette);
    expect(cssColour(colours, forget, 0)).toBe('rgb(255 255 255)');
    expect(cssColour(colours, forget, 1)).toBe('rgb(213 94 0)');
  });

  test('has the ground in its middle where it diverges', () => {
    const colours = shades({ ...ACTIVATION_SCALE, stops: ['low', 'surface', 'high'] }, palette);
    expect(cssColour(colours, ACTIVATION_SCALE, -1)).toBe('rgb(61 82 184)');
    expect(cssColour(colours, ACTIVATION_SCALE, 1)).toBe('rgb(192 86 0)');
  });

  test('keeps its range whatever the values: ten times less is always the same step', () => {
    const step = share(NORM_SCALE, 1) - share(NORM_SCALE, 0.1);
    expect(step).toBeCloseTo(0.1, 10);
    expect(share(NORM_SCALE, 1e-3) - share(NORM_SCALE, 1e-4)).toBeCloseTo(step, 10);
    expect(share(NORM_SCALE, -1)).toBe(share(NORM_SCALE, 1));
  });

  property.prop([fc.float({ noNaN: true })])('takes any number to its range', (value) => {
    for (const scale of [forget, ACTIVATION_SCALE, NORM_SCALE]) {
      expect(share(scale, value)).toBeGreaterThanOrEqual(0);
      expect(share(scale, value)).toBeLessThanOrEqual(1);
    }
  });

  test('says where ink must be light', () => {
    const colours = shades(NORM_SCALE, palette);
    expect([isDark(colours, NORM_SCALE, 1e-8), isDark(colours, NORM_SCALE, 100)]).toEqual([false, true]);
  });
});

describe('painting', () => {
  test('takes time-major values to units by time, in the order wished for', () => {
    // Two steps of three units.
    const values = Float32Array.of(0, 0.5, 1, 1, 0, 0.5);
    const colours = Uint32Array.from({ length: SHADES }, (_, i) => i);
    const pixels = new Uint32Array(6);
    paint(forget, colours, values, { offsets: [2, 0, 1], stride: 3, columns: 2 }, pixels);
    expect([...pixels]).toEqual([255, 128, 0, 255, 128, 0]);
  });

  property.prop([fc.array(fc.float({ noNaN: true, min: -2, max: 2 }), { minLength: 1 })])(
    'gives every value the colour of its share',
    (list) => {
      const values = Float32Array.from(list);
      const colours = Uint32Array.from({ length: SHADES }, (_, i) => i + 1);
      for (const scale of [forget, ACTIVATION_SCALE, NORM_SCALE]) {
        const pixels = new Uint32Array(values.length);
        paint(scale, colours, values, { offsets: [0], stride: 1, columns: values.length }, pixels);
        values.forEach((value, i) => expect(Math.abs(pixels[i]! - 1 - share(scale, value) * 255)).toBeLessThan(0.51));
      }
    },
  );

  test('leaves clear what is no number', () => {
    const pixels = new Uint32Array(1).fill(7);
    paint(forget, shades(forget, palette), Float32Array.of(NaN), { offsets: [0], stride: 1, columns: 1 }, pixels);
    expect(pixels[0]).toBe(0);
  });
});
