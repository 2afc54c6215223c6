/** Where the window was when it was closed, for the next time. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const SMALLEST = { width: 1024, height: 640 } as const;
const FIRST = { width: 1360, height: 860 } as const;
/** Points of the window's top edge that must lie on a display, so that it can be taken hold of. */
const GRIP = 100;

const pixels = v.pipe(v.number(), v.integer(), v.minValue(-100_000), v.maxValue(100_000));

const stateSchema = v.object({
  bounds: v.object({ x: pixels, y: pixels, width: pixels, height: pixels }),
  maximized: v.boolean(),
});
export type WindowState = v.InferOutput<typeof stateSchema>;

/** The bounds for a window: as they were, where that is still on a display; undefined members are the system's choice. */
export function boundsFor(
  state: WindowState | undefined,
  displays: readonly Area[],
): { readonly x?: number; readonly y?: number; readonly width: number; readonly height: number } {
  if (state === undefined) {
    return FIRST;
  }
  const width = Math.max(SMALLEST.width, state.bounds.width);
  const height = Math.max(SMALLEST.height, state.bounds.height);
  const { x, y } = state.bounds;
  const reachable = displays.some((display) => {
    const overlap = Math.min(x + width, display.x + display.width) - Math.max(x, display.x);
    return overlap >= GRIP && y >= display.y && y <= display.y + display.height - GRIP;
  });
  return reachable ? { x, y, width, height } : { width, height };
}

/** undefined where there is none that can be read: then the window opens as for the first time. */
export function readWindowState(path: string): WindowState | undefined {
  try {
    return v.parse(stateSchema, JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A state that cannot be kept is not kept: it is not worth a complaint at the end. */
export function writeWindowState(path: string, state: WindowState): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify(state));
    renameSync(`${path}.new`, path);
  } catch {
    return;
  }
}
