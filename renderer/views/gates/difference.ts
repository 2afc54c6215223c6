import type { PartTraces, Recording } from '../../worker/recording.ts';

/** What was changed, value by value: `changed` less `original`. */
export function differenceOf(changed: Recording, original: Recording): Recording {
  const less = (a: PartTraces, b: PartTraces): PartTraces =>
    Object.fromEntries(
      Object.entries(a).map(([part, values]) => {
        const before = b[part as keyof PartTraces];
        return [part, before === undefined ? values : values.map((value, i) => value - before[i]!)];
      }),
    );
  return { ...changed, parts: less(changed.parts, original.parts) };
}
