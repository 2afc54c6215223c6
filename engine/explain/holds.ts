/**
 * What a person holds of a model: a gate or a state of a unit, a group of units or all, over some steps or all, at a
 * value. Written as text, where layers, steps and units count from 1:
 *
 *     forget=1@3-9:12; l2.reverse.input=0; hidden=0:5
 *
 * is: the forget gate of unit 12 of layer 1 is 1 from step 3 to 9; the input gates of layer 2's reverse direction are 0
 * throughout; unit 5 says nothing. A later hold takes the place of an earlier one where both hold the same.
 */
import { InputError } from '../errors.ts';
import { show } from '../experiment/fields.ts';
import { heldParts, type CellKind } from '../layers/cells.ts';

/** First and last, both counted from 0 and included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Hold {
  /** 'forget', 'hidden': one of `heldParts` of the cell. */
  readonly part: string;
  readonly layer: number;
  readonly reverse: boolean;
  readonly value: number;
  /** null: all steps. */
  readonly steps: Span | null;
  /** null: all units. */
  readonly units: Span | null;
}

/** What holds are checked against. */
export interface HoldLimits {
  readonly cell: CellKind;
  readonly layers: number;
  readonly bidirectional: boolean;
  /** H */
  readonly units: number;
}

const FORM =
  /^(?:l(\d{1,4})\.)?(reverse\.)?([a-z]+)=([^@:]+)(?:@(\d{1,7})(?:-(\d{1,7}))?)?(?::(?:unit)?(\d{1,7})(?:-(\d{1,7}))?)?$/u;
/** Most holds in one text. */
const MOST = 200;
/** Largest value that anything is held at. */
const LARGEST = 1e6;

/** Throws InputError that names the hold and what would be right. Steps may go beyond the sequence: it may be another. */
export function parseHolds(text: string, limits: HoldLimits): readonly Hold[] {
  const parts = text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length > MOST) throw new InputError(`${parts.length} holds were given; there may be ${MOST}`);
  return parts.map((part) => parseHold(part, limits));
}

function parseHold(text: string, { cell, layers, bidirectional, units }: HoldLimits): Hold {
  const fail = (why: string): never => {
    throw new InputError(`the hold ${show(text)} ${why}; one reads like "forget=1@3-9:12"`);
  };
  const found = FORM.exec(text);
  if (!found) return fail('is not understood');
  const [, layerText = '1', reverse, part = '', valueText = '', from, to, first, last] = found;
  const held = heldParts(cell);
  if (!held.includes(part)) fail(`holds ${show(part)}, which this cell does not have: ${held.join(', ')}`);
  const layer = Number(layerText) - 1;
  if (layer < 0 || layer >= layers) fail(`names layer ${layerText} of a model with ${layers}`);
  if (reverse !== undefined && !bidirectional) fail('names the reverse direction of a model that reads one way');
  const value = Number(valueText.trim());
  if (valueText.trim() === '' || !(Math.abs(value) <= LARGEST)) {
    fail(`has the value ${show(valueText)}, which is no number from -1e6 to 1e6`);
  }
  const steps = spanOf(from, to);
  const which = spanOf(first, last);
  if (steps === undefined || which === undefined) return fail('has a stretch that does not count from 1 upwards');
  if (which !== null && which.to >= units) fail(`names unit ${which.to + 1} of ${units}`);
  return { part, layer, reverse: reverse !== undefined, value, steps, units: which };
}

/** null: not given; undefined: not right. */
function spanOf(first: string | undefined, last: string | undefined): Span | null | undefined {
  if (first === undefined) return null;
  const from = Number(first) - 1;
  const to = last === undefined ? from : Number(last) - 1;
  return from >= 0 && to >= from ? { from, to } : undefined;
}

/** The text that `parseHolds` reads. */
export function formatHolds(holds: readonly Hold[]): string {
  return holds
    .map(({ part, layer, reverse, value, steps, units }) => {
      const where = `${layer > 0 ? `l${layer + 1}.` : ''}${reverse ? 'reverse.' : ''}`;
      return `${where}${part}=${value}${steps ? `@${formatSpan(steps)}` : ''}${units ? `:${formatSpan(units)}` : ''}`;
    })
    .join('; ');
}

function formatSpan({ from, to }: Span): string {
  return from === to ? String(from + 1) : `${from + 1}-${to + 1}`;
}

export function isHeld(
  holds: readonly Hold[],
  place: Pick<Hold, 'part' | 'layer' | 'reverse'>,
  step: number,
  unit: number,
): boolean {
  return holds.some(
    (hold) =>
      hold.part === place.part &&
      hold.layer === place.layer &&
      hold.reverse === place.reverse &&
      (hold.steps === null || (step >= hold.steps.from && step <= hold.steps.to)) &&
      (hold.units === null || (unit >= hold.units.from && unit <= hold.units.to)),
  );
}
