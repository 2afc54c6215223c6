/** Where the layers of a model lie: each above those it reads, the input at the bottom. */
import type { Figure, Mark } from '../charts/figure.ts';
import { count } from '../format.ts';
import { t } from '../messages/messages.ts';
import type { LayerInfo } from '../state/draft-check.ts';

const BOX_HEIGHT = 48;
/** Of boxes too narrow for shape and parameters on one line. */
const NARROW_BOX_HEIGHT = 64;
const NARROW = 200;
/** From the top of a box to the lines of its text. */
const LINES = [20, 37, 54] as const;
const ROW_GAP = 22;
const COLUMN_GAP = 10;
const MARGIN = 1;

export interface LayerBox {
  readonly layer: LayerInfo;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Wire {
  readonly from: string;
  readonly to: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface DiagramLayout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly LayerBox[];
  readonly wires: readonly Wire[];
}

/** The layout in a box of this width; its height follows. */
export function layoutLayers(layers: readonly LayerInfo[], width: number): DiagramLayout {
  const rows = rowsOf(layers);
  const widthOf = (row: readonly LayerInfo[]) => (width - 2 * MARGIN - (row.length - 1) * COLUMN_GAP) / row.length;
  const heights = rows.map((row) => (widthOf(row) < NARROW ? NARROW_BOX_HEIGHT : BOX_HEIGHT));
  const height = 2 * MARGIN + heights.reduce((sum, down) => sum + down, 0) + Math.max(0, rows.length - 1) * ROW_GAP;
  let bottom = height - MARGIN;
  const boxes = rows.flatMap((row, level) => {
    const boxWidth = widthOf(row);
    const boxHeight = heights[level] ?? BOX_HEIGHT;
    const y = bottom - boxHeight;
    bottom = y - ROW_GAP;
    return row.map((layer, i) => ({
      layer,
      x: MARGIN + i * (boxWidth + COLUMN_GAP),
      y,
      width: boxWidth,
      height: boxHeight,
    }));
  });
  const byName = new Map(boxes.map((box) => [box.layer.name, box]));
  const wires = boxes.flatMap((to) =>
    to.layer.inputs.flatMap((name) => {
      const from = byName.get(name);
      return from === undefined ? [] : [wire(from, to)];
    }),
  );
  return { width, height, boxes, wires };
}

function wire(from: LayerBox, to: LayerBox): Wire {
  const start = [from.x + from.width / 2, from.y] as const;
  const end = [to.x + to.width / 2, to.y + to.height] as const;
  const middle = (start[1] + end[1]) / 2;
  const points =
    start[0] === end[0] ? [start, end] : [start, [start[0], middle] as const, [end[0], middle] as const, end];
  return { from: from.layer.name, to: to.layer.name, points };
}

/** Layers by the longest way from a layer that reads nothing. */
function rowsOf(layers: readonly LayerInfo[]): LayerInfo[][] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const levels = new Map<string, number>();
  const levelOf = (layer: LayerInfo, above: readonly string[]): number => {
    const known = levels.get(layer.name);
    if (known !== undefined) return known;
    const inputs = layer.inputs.flatMap((name) => {
      const input = byName.get(name);
      return input === undefined || above.includes(name) ? [] : [levelOf(input, [...above, layer.name])];
    });
    const level = inputs.length === 0 ? 0 : 1 + Math.max(...inputs);
    levels.set(layer.name, level);
    return level;
  };
  const rows: LayerInfo[][] = [];
  for (const layer of layers) (rows[levelOf(layer, [])] ??= []).push(layer);
  return rows.filter((row) => row.length > 0);
}

/** Where the text of a box stands: its kind, its shape, and its parameters at the end of a line or below. */
export function textPlaces({ x, y, width, height }: LayerBox) {
  const [first, second, third] = LINES;
  const left = x + 12;
  return {
    kind: { x: left, y: y + first },
    shape: { x: left, y: y + second },
    parameters:
      height > BOX_HEIGHT
        ? ({ x: left, y: y + third, anchor: 'start' } as const)
        : ({ x: x + width - 12, y: y + second, anchor: 'end' } as const),
  };
}

/** What is written beside a layer's shape; nothing where it has nothing to learn. */
export function parametersText({ parameters }: LayerInfo): string {
  return parameters === 0 ? '' : t('diagram.parameters', { count: count(parameters) });
}

/** "LSTM", "Last step" */
export function kindText({ kind }: LayerInfo): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** The diagram as a figure to be saved. */
export function diagramFigure(layers: readonly LayerInfo[], title: string): Figure {
  const top = 56;
  const side = 24;
  const { width, height, boxes, wires } = layoutLayers(layers, 420);
  const marks: Mark[] = [{ kind: 'text', x: side, y: 32, text: title, size: 16, weight: 600, colour: 'ink' }];
  for (const { points } of wires) {
    const moved = points.map(([x, y]) => [x + side, y + top] as const);
    marks.push({ kind: 'line', points: moved, colour: 'edge', width: 1.5 });
  }
  for (const box of boxes) {
    const { layer, width: across, height: down } = box;
    const [left, up] = [box.x + side, box.y + top];
    const places = textPlaces({ ...box, x: left, y: up });
    marks.push(
      { kind: 'box', x: left, y: up, width: across, height: down, radius: 8, fill: 'surface', stroke: 'edge' },
      { kind: 'text', ...places.kind, text: kindText(layer), weight: 600, colour: 'ink' },
      { kind: 'text', ...places.shape, text: layer.shape, size: 11, colour: 'ink-soft' },
      { kind: 'text', ...places.parameters, text: parametersText(layer), size: 11, colour: 'ink-soft' },
    );
  }
  return { width: width + 2 * side, height: height + top + side, marks };
}
