/** Values as a picture of one pixel each, to be drawn once and enlarged, moved and zoomed by its canvas. */
import type { Palette } from '../charts/figure.ts';
import { paint, shades, type Scale } from './scales.ts';

export interface Grid {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
  /** Where the first value of each row is; absent: row-major. */
  readonly offsets?: ArrayLike<number>;
  /** Between the values of neighbouring columns; absent: 1. */
  readonly stride?: number;
}

/** [T, N] time-major values as a picture of units by time. `order`: the units from top to bottom. */
export function unitsByTime(values: Float32Array, units: number, order: ArrayLike<number>): Grid {
  return { values, rows: order.length, columns: values.length / units, offsets: order, stride: units };
}

/** Columns [from, to). */
export interface Columns {
  readonly from: number;
  readonly to: number;
}

/**
 * Draws onto a canvas of `columns` by `rows` pixels, which is made where none is given; `only`: some of its columns, the
 * others staying as they are.
 */
export function drawPixels(
  grid: Grid,
  scale: Scale,
  palette: Palette,
  canvas?: HTMLCanvasElement,
  only?: Columns,
): HTMLCanvasElement {
  const { values, rows, columns, stride = 1 } = grid;
  const target = canvas ?? document.createElement('canvas');
  const [width, height] = [Math.max(1, columns), Math.max(1, rows)];
  if (only === undefined || target.width !== width || target.height !== height) {
    target.width = width;
    target.height = height;
  }
  const context = target.getContext('2d');
  if (context === null) throw new Error('No drawing context.');
  const { from, to } = only ?? { from: 0, to: columns };
  if (to <= from || rows === 0) return target;
  const offsets = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) offsets[row] = (grid.offsets?.[row] ?? row * columns) + from * stride;
  const image = imageFor(context, to - from, rows);
  const place = { offsets, stride, columns: to - from };
  paint(scale, shades(scale, palette), values, place, new Uint32Array(image.data.buffer));
  context.putImageData(image, from, 0);
  return target;
}

/** The last one, where it has the size: every pixel of it is written anew, and pictures of one view are of one size. */
let lastImage: ImageData | undefined;

function imageFor(context: CanvasRenderingContext2D, width: number, height: number): ImageData {
  if (lastImage?.width !== width || lastImage.height !== height) lastImage = context.createImageData(width, height);
  return lastImage;
}

export interface View {
  /** Of the picture, in its own pixels. */
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  /** Of the canvas, in CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** Wide enough for a line between cells to be seen as one. */
const GAP_FROM = 7;

/** Draws a part of the picture over the whole canvas, with hairlines between cells that are large enough for them. */
export function drawView(canvas: HTMLCanvasElement, picture: HTMLCanvasElement, view: View, gap: string): void {
  const cleared = clear(canvas, view);
  if (cleared === undefined) return;
  const { context, width, height, across, down } = cleared;
  // Several cells in one pixel are averaged; one cell over several pixels keeps its edges.
  context.imageSmoothingEnabled = across < 1 || down < 1;
  context.drawImage(picture, view.left, view.top, view.columns, view.rows, 0, 0, width, height);
  drawGaps(cleared, view, gap);
}

/** Draws the hairlines alone, for a canvas over a picture that the page itself enlarges and moves. */
export function drawGrid(canvas: HTMLCanvasElement, view: View, gap: string): void {
  const cleared = clear(canvas, view);
  if (cleared !== undefined) drawGaps(cleared, view, gap);
}

interface Cleared {
  readonly context: CanvasRenderingContext2D;
  /** Of the canvas, in pixels of the screen. */
  readonly width: number;
  readonly height: number;
  /** Of a cell. */
  readonly across: number;
  readonly down: number;
}

function clear(canvas: HTMLCanvasElement, view: View): Cleared | undefined {
  const scale = globalThis.devicePixelRatio;
  const [width, height] = [Math.round(view.width * scale), Math.round(view.height * scale)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d');
  if (context === null || width === 0 || height === 0) return undefined;
  context.clearRect(0, 0, width, height);
  return { context, width, height, across: width / view.columns, down: height / view.rows };
}

function drawGaps({ context, width, height, across, down }: Cleared, view: View, gap: string): void {
  const scale = globalThis.devicePixelRatio;
  context.fillStyle = gap;
  const line = Math.max(1, Math.round(scale * 0.75));
  if (across >= GAP_FROM * scale) {
    for (let column = Math.ceil(view.left); column <= view.left + view.columns; column++) {
      context.fillRect(Math.round((column - view.left) * across) - line, 0, line, height);
    }
  }
  if (down >= GAP_FROM * scale) {
    for (let row = Math.ceil(view.top); row <= view.top + view.rows; row++) {
      context.fillRect(0, Math.round((row - view.top) * down) - line, width, line);
    }
  }
}
