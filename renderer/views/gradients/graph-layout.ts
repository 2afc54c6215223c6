/** Where the unrolled graph's nodes and edges stand: plain arithmetic, in the units of its view box. */
import type { UnrolledCell } from '../../../engine/gradients/unrolled-network.ts';
import type { Edge } from './symbols.ts';

export type NodeKind = 'J' | 'y' | 'h' | 'cell' | 'x';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Segment extends Edge {
  readonly from: Point;
  readonly to: Point;
  /** Where its letter stands. */
  readonly label: Point;
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly radius: number;
  readonly nodes: readonly { readonly kind: NodeKind; readonly step: number; readonly at: Point }[];
  readonly edges: readonly Segment[];
}

const RADIUS = 19;
const GAP = 6;
const ROW = 78;

/** `width`: what there is room for. */
export function layoutGraph(cell: UnrolledCell, steps: number, width: number): GraphLayout {
  const rows: readonly NodeKind[] = cell === 'lstm' ? ['J', 'y', 'h', 'cell', 'x'] : ['J', 'y', 'h', 'x'];
  const radius = Math.min(RADIUS, width / (steps + 1) / 3.2);
  const spacing = width / (steps + 0.6);
  const yOf = (kind: NodeKind) => 30 + rows.indexOf(kind) * ROW;
  const xOf = (step: number) => (step - 0.2) * spacing;
  const at = (kind: NodeKind, step: number): Point => ({ x: xOf(step), y: yOf(kind) });
  const nodes = Array.from({ length: steps }, (_, i) => i + 1).flatMap((step) =>
    rows.map((kind) => ({ kind, step, at: at(kind, step) })),
  );
  const up = (kind: 'u' | 'v' | 'y' | 'out', step: number, below: NodeKind, above: NodeKind): Segment => {
    const [from, to] = [at(below, step), at(above, step)];
    return {
      kind,
      step,
      from: { x: from.x, y: from.y - radius },
      to: { x: to.x, y: to.y + radius + GAP },
      label: { x: from.x + 10, y: (from.y + to.y) / 2 + 4 },
    };
  };
  const along = (kind: 'w' | 'cell', step: number): Segment => {
    const row = kind === 'w' ? 'h' : 'cell';
    const to = at(row, step);
    const fromX = step === 1 ? Math.max(4, to.x - spacing * 0.75) : xOf(step - 1) + radius;
    return {
      kind,
      step,
      from: { x: fromX, y: to.y },
      to: { x: to.x - radius - GAP, y: to.y },
      label: { x: (fromX + to.x - radius) / 2 - 4, y: to.y - 8 },
    };
  };
  const edges = Array.from({ length: steps }, (_, i) => i + 1).flatMap((step) => [
    up('u', step, 'x', cell === 'lstm' ? 'cell' : 'h'),
    up('v', step, 'h', 'y'),
    up('y', step, 'y', 'J'),
    along('w', step),
    ...(cell === 'lstm' ? [along('cell', step), up('out', step, 'cell', 'h')] : []),
  ]);
  return { width, height: yOf('x') + RADIUS + 12, radius, nodes, edges };
}
