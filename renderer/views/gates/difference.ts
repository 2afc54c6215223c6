import type { Recording } from '../../worker/recording.ts';

/** What was changed, value by value: `changed` less `original`. */
export function differenceOf(changed: Recording, original: Recording): Recording {
  const traces = Object.fromEntries(
    Object.entries(changed.traces).map(([part, values]) => {
      const before = original.traces[part];
      return [part, before === undefined ? values : values.map((value, i) => value - before[i]!)];
    }),
  );
  return { ...changed, traces };
}
