/**
 * From values to colours. Every scale has a range that is fixed by what it shows: one that followed its values would
 * hide that they decay. Values beyond the range take the colour of its end.
 *
 *     gate        0 .. 1         sequential, in the colour of the gate's role
 *     activation  -1 .. 1        diverging, the ground in the middle
 *     norm        1e-8 .. 1e2    sequential, logarithmic
 */
import type { Colour, Palette } from '../charts/figure.ts';

export type ScaleKind = 'gate' | 'activation' | 'norm';

export interface Scale {
  readonly kind: ScaleKind;
  readonly low: number;
  readonly high: number;
  /** The colours from `low` to `high`, equally far apart. */
  readonly stops: readonly Colour[];
}

/** 0 to 1, in the colour of a role. */
export function gateScale(role: Colour): Scale {
  return { kind: 'gate', low: 0, high: 1, stops: ['surface', role] };
}

/** -1 to 1. */
export const ACTIVATION_SCALE: Scale = { kind: 'activation', low: -1, high: 1, stops: ['low', 'surface', 'high'] };

/** Magnitudes of gradients. */
export const NORM_SCALE: Scale = { kind: 'norm', low: 1e-8, high: 1e2, stops: ['surface', 'norm'] };

/** Colours that a scale is cut into. */
export const SHADES = 256;

/** Where a value lies between the ends of the scale, 0 to 1; NaN where it is no number. */
export function share({ kind, low, high }: Scale, value: number): number {
  if (Number.isNaN(value)) return NaN;
  const part =
    kind === 'norm'
      ? Math.log(Math.max(Math.abs(value), low) / low) / Math.log(high / low)
      : (value - low) / (high - low);
  return Math.min(1, Math.max(0, part));
}

/** The scale's colours in a theme: SHADES pixels as ImageData has them (RGBA in bytes, so ABGR in a little-endian word). */
export function shades(scale: Scale, palette: Palette): Uint32Array {
  const colours = scale.stops.map((stop) => palette[stop]);
  const key = colours.join();
  const made = MADE.get(key) ?? between(colours);
  MADE.set(key, made);
  return made;
}

/** By the colours of their stops: of a scale in a theme they are always the same, and every picture needs them. */
const MADE = new Map<string, Uint32Array>();

function between(colours: readonly string[]): Uint32Array {
  const stops = colours.map((colour) => toOklab(parseHex(colour)));
  return Uint32Array.from({ length: SHADES }, (_, i) => {
    const at = (i / (SHADES - 1)) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(at));
    const [a, b] = [stops[from]!, stops[from + 1]!];
    const [red, green, blue] = fromOklab(a.map((part, k) => part + (b[k]! - part) * (at - from)) as Triple);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

/**
 * Fills `pixels`, [rows, columns], with the colours of values; what is no number stays clear. The value of a row and
 * column is at `offsets[row] + column * stride`.
 */
export function paint(
  { kind, low, high }: Scale,
  colours: Uint32Array,
  values: Float32Array,
  { offsets, stride, columns }: { offsets: ArrayLike<number>; stride: number; columns: number },
  pixels: Uint32Array,
): void {
  const log = kind === 'norm';
  const floor = log ? Math.log(low) : low;
  const factor = (SHADES - 1) / ((log ? Math.log(high) : high) - floor);
  let next = 0;
  for (let row = 0; row < offsets.length; row++) {
    for (let column = 0, i = offsets[row]!; column < columns; column++, i += stride) {
      const value = values[i]!;
      const at = ((log ? Math.log(Math.max(Math.abs(value), low)) : value) - floor) * factor;
      // Neither end is true of what is no number.
      if (at > 0) pixels[next++] = colours[at < SHADES - 1 ? (at + 0.5) | 0 : SHADES - 1]!;
      else pixels[next++] = at <= 0 ? colours[0]! : 0;
    }
  }
}

/** The colour of one value as CSS writes it. */
export function cssColour(colours: Uint32Array, scale: Scale, value: number): string {
  const part = share(scale, value);
  if (Number.isNaN(part)) return 'transparent';
  const word = colours[Math.round(part * (SHADES - 1))]!;
  return `rgb(${word & 255} ${(word >> 8) & 255} ${(word >> 16) & 255})`;
}

/** Whether ink on this colour must be light. */
export function isDark(colours: Uint32Array, scale: Scale, value: number): boolean {
  const part = share(scale, value);
  const word = colours[Math.round((Number.isNaN(part) ? 0 : part) * (SHADES - 1))]!;
  const luminance = [word & 255, (word >> 8) & 255, (word >> 16) & 255]
    .map(toLinear)
    .reduce((sum, part, k) => sum + part * [0.2126, 0.7152, 0.0722][k]!, 0);
  // Where black and white on it have the same contrast (WCAG 2).
  return luminance < 0.179;
}

type Triple = [number, number, number];

/** "#rgb" or "#rrggbb": bundlers shorten colours. */
function parseHex(colour: string): Triple {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/iu.exec(colour)?.[1] ?? '000000';
  const full = digits.length === 3 ? digits.replaceAll(/./gu, '$&$&') : digits;
  const word = Number.parseInt(full, 16);
  return [word >> 16, (word >> 8) & 255, word & 255];
}

function toLinear(byte: number): number {
  const part = byte / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function fromLinear(part: number): number {
  const clipped = Math.min(1, Math.max(0, part));
  return Math.round(255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055));
}

/** Ottosson's Oklab (2020), in which equal steps look equal. */
function toOklab([r, g, b]: Triple): Triple {
  const [red, green, blue] = [toLinear(r), toLinear(g), toLinear(b)];
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]: Triple): Triple {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
