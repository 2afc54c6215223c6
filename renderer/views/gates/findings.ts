/** What is asked about units (engine/explain has the measures). */
import type { Property, SequenceText } from '../../../engine/explain/properties.ts';
import { visibleSymbol } from '../../drawing/series.ts';
import { maybe, t } from '../../messages/messages.ts';

/** True on the stretch, both ends included. */
export function markStretch(steps: number, from: number, to: number): readonly boolean[] {
  return Array.from({ length: steps }, (_, step) => step >= from && step <= to);
}

/** Those that are true of some of the steps of these sequences and false of others: only those tell units apart. */
export function possibleProperties(
  properties: readonly Property[],
  sequences: readonly SequenceText[],
): readonly Property[] {
  return properties.filter((property) => {
    const marks = sequences.map((sequence) => property.marks(sequence));
    const some = (wanted: boolean): boolean => marks.some((one) => one.includes(wanted));
    return some(true) && some(false);
  });
}

/** A property as it is called on the screen: "vowels", "is T", "second was T". */
export function propertyName(name: string): string {
  const [kind = '', symbol] = name.split(/ (.*)/su);
  if (symbol !== undefined)
    return t(kind === 'is' ? 'property.is' : 'property.second', { symbol: visibleSymbol(symbol) });
  return maybe(`property.${name}`) ?? name;
}
