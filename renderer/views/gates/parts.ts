/** What a recording shows of a cell: what the engine traces, and what follows from it. */
import { derivedParts } from '../../../engine/explain/derived-parts.ts';
import type { Recording } from '../../worker/recording.ts';
import type { PartName, PartValues } from './geometry.ts';

type Traces = Readonly<Record<string, Float32Array>>;

/** What was told of a recording, by its step and units: the steps beside one that is looked at are looked at next. */
const TOLD = new WeakMap<Recording, Map<string, PartValues>>();
const MOST_TOLD = 64;

/** The values of all parts at one step, of one unit or as the mean over several. undefined beyond the sequence. */
export function partsAt(recording: Recording, step: number, from: number, to: number): PartValues | undefined {
  if (step < 0 || step >= recording.steps) return undefined;
  const told = TOLD.get(recording) ?? new Map<string, PartValues>();
  TOLD.set(recording, told);
  const place = `${step} ${from} ${to}`;
  const known = told.get(place);
  if (known !== undefined) return known;
  if (told.size >= MOST_TOLD) told.clear();
  const values = tell(recording, step, from, to);
  told.set(place, values);
  return values;
}

function tell(recording: Recording, step: number, from: number, to: number): PartValues {
  const { units, steps, reverse } = recording;
  // What follows needs this step and the one before it in the order of reading.
  const first = reverse ? step : Math.max(0, step - 1);
  const last = reverse ? Math.min(steps - 1, step + 1) : step;
  const traces = Object.fromEntries(
    Object.entries(recording.traces).map(([part, trace]) => [part, trace.subarray(first * units, (last + 1) * units)]),
  );
  const short = { ...recording, traces };
  const all = { ...traces, ...derivedParts(last > first ? withoutStart(short) : short) };
  return meansAt(all, units, step - first, from, to);
}

/** The same of the gradients; undefined where there are none. */
export function gradientsAt(recording: Recording, step: number, from: number, to: number): PartValues | undefined {
  const { gradients, units, steps } = recording;
  if (gradients === undefined || step < 0 || step >= steps) return undefined;
  return meansAt(gradients, units, step, from, to);
}

/** One part of all units at all steps, [T, H]; undefined where this kind of cell has none of that name. */
export function partOf(recording: Recording, part: PartName): Float32Array | undefined {
  return recording.traces[part] ?? derivedParts(recording)[part];
}

/** The start belongs before the first step of the sequence alone. */
function withoutStart({ start: _, ...recording }: Recording & { readonly traces: Traces }) {
  return recording;
}

function meansAt(traces: Traces, units: number, step: number, from: number, to: number): PartValues {
  const values: Record<string, number> = {};
  for (const [part, trace] of Object.entries(traces)) {
    let sum = 0;
    for (let unit = from; unit <= to; unit++) sum += trace[step * units + unit] ?? 0;
    values[part] = sum / (to - from + 1);
  }
  return values;
}
