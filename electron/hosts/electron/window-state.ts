/** Where the window was and how it looked, for the next start. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { settings } from '../../api/app.ts';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Size = Pick<Area, 'width' | 'height'>;

/** Points that the page needs; a smaller screen still gets a window that fits. */
const MIN_SIZE: Size = { width: 800, height: 560 };
const FIRST_SIZE: Size = { width: 1360, height: 860 };
/** Points of the window's top edge that must lie on a display, so that it can be dragged. */
const GRIP = 100;

const pixels = v.pipe(v.number(), v.integer(), v.minValue(-100_000), v.maxValue(100_000));

const stateSchema = v.object({
  bounds: v.object({ x: pixels, y: pixels, width: pixels, height: pixels }),
  maximized: v.boolean(),
  /** As the person has set it. */
  theme: v.optional(settings.entries.theme, 'system'),
});
export type WindowState = v.InferOutput<typeof stateSchema>;

export interface Placement {
  /** The position is absent where the system chooses it. */
  readonly bounds: Partial<Area> & Size;
  readonly minSize: Size;
}

/**
 * Where a window opens: as it was, where that is still on a display, and never larger than the display. `workAreas`:
 * of every display, without its task bar; the first one is that of the primary display.
 */
export function placeWindow(state: WindowState | undefined, workAreas: readonly [Area, ...Area[]]): Placement {
  const home = workAreas.find((area) => state !== undefined && isReachable(state.bounds, area));
  const area = home ?? workAreas[0];
  const minSize = smaller(MIN_SIZE, area);
  const wanted = state?.bounds ?? FIRST_SIZE;
  const size = larger(smaller(wanted, area), minSize);
  if (state === undefined || home === undefined) return { bounds: size, minSize };
  // A window that had to shrink is moved so that all of it is on the display.
  const x =
    size.width < state.bounds.width ? clamp(state.bounds.x, area.x, area.x + area.width - size.width) : state.bounds.x;
  const y =
    size.height < state.bounds.height
      ? clamp(state.bounds.y, area.y, area.y + area.height - size.height)
      : state.bounds.y;
  return { bounds: { x, y, ...size }, minSize };
}

/** The person can take hold of the window's top edge there. */
function isReachable({ x, y, width: kept }: Area, area: Area): boolean {
  const width = Math.max(kept, MIN_SIZE.width);
  const overlap = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
  return overlap >= GRIP && y >= area.y && y <= area.y + area.height - GRIP;
}

function smaller(a: Size, b: Size): Size {
  return { width: Math.min(a.width, b.width), height: Math.min(a.height, b.height) };
}

function larger(a: Size, b: Size): Size {
  return { width: Math.max(a.width, b.width), height: Math.max(a.height, b.height) };
}

function clamp(value: number, least: number, greatest: number): number {
  return Math.min(Math.max(value, least), greatest);
}

/** undefined where there is none that can be read: then the window opens as for the first time. */
export function readWindowState(path: string): WindowState | undefined {
  try {
    return v.parse(stateSchema, JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A state that cannot be kept is not kept: it is not worth an error message. */
export function writeWindowState(path: string, state: WindowState): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify(state));
    renameSync(`${path}.new`, path);
  } catch {
    return;
  }
}
