/** Which steps and units a clamp of the selected part is for, and how a chosen scope moves the clamp that is active. */
import { formatHolds, type Hold, type Span } from '../../../engine/explain/holds.ts';

export type StepScope = 'all' | 'step' | 'stretch';
export type UnitScope = 'chosen' | 'all';
/** A clamp without its value. */
export type ClampPlace = Omit<Hold, 'value'>;

/** What is looked at. */
export interface ClampView {
  readonly part: string;
  readonly layer: number;
  readonly reverse: boolean;
  readonly step: number;
  /** The units that are chosen. */
  readonly units: Span;
  /** Of the layer. */
  readonly layerUnits: number;
  /** Steps that were dragged over; null: none. */
  readonly stretch: Span | null;
}

export function samePlace(a: ClampPlace, b: ClampPlace): boolean {
  return formatHolds([{ ...a, value: 0 }]) === formatHolds([{ ...b, value: 0 }]);
}

/** The clamp that the value at this step and of these units comes from: a later one takes the place of an earlier one. */
export function activeClamp(clamps: readonly Hold[], view: ClampView): Hold | undefined {
  const { part, layer, reverse, step, units } = view;
  return clamps.findLast(
    (clamp) =>
      clamp.part === part &&
      clamp.layer === layer &&
      clamp.reverse === reverse &&
      covers(clamp.steps, { from: step, to: step }) &&
      covers(clamp.units, units),
  );
}

export function stepScopeOf({ steps }: Pick<Hold, 'steps'>): StepScope {
  if (steps === null) return 'all';
  return steps.from === steps.to ? 'step' : 'stretch';
}

export function unitScopeOf({ units }: Pick<Hold, 'units'>): UnitScope {
  return units === null ? 'all' : 'chosen';
}

export function placeOf(view: ClampView, steps: StepScope, units: UnitScope): ClampPlace {
  const { part, layer, reverse, step, stretch, layerUnits } = view;
  const all = units === 'all' || (view.units.from === 0 && view.units.to === layerUnits - 1);
  return {
    part,
    layer,
    reverse,
    steps: steps === 'all' ? null : steps === 'step' ? { from: step, to: step } : stretch,
    units: all ? null : view.units,
  };
}

/** The clamps with one more, in place of any other at the same place. */
export function withClamp(clamps: readonly Hold[], clamp: Hold): readonly Hold[] {
  return [...clamps.filter((other) => !samePlace(other, clamp)), clamp];
}

/** The clamps with the active one at another place, its value kept. */
export function moved(clamps: readonly Hold[], active: Hold, place: ClampPlace): readonly Hold[] {
  return withClamp(
    clamps.filter((other) => !samePlace(other, active)),
    { ...place, value: active.value },
  );
}

/** Ends of the slider: gates from 0 to 1, states at least from -1 to 1 and as far as any value that has been seen. */
export function clampRange(isState: boolean, seen: Float32Array | undefined, value: number): readonly [number, number] {
  let [low, high] = isState ? [-1, 1] : [0, 1];
  const include = (one: number): void => {
    if (!Number.isFinite(one)) return;
    low = Math.min(low, Math.floor(one));
    high = Math.max(high, Math.ceil(one));
  };
  if (isState) seen?.forEach(include);
  include(value);
  return [low, high];
}

function covers(outer: Span | null, inner: Span): boolean {
  return outer === null || (outer.from <= inner.from && inner.to <= outer.to);
}
