import type { Sample } from '../../../electron/api/samples.ts';

/** Those made at an update or before; all of them where it is null. */
export function samplesUpTo(samples: readonly Sample[], update: number | null): readonly Sample[] {
  return update === null ? samples : samples.filter((sample) => sample.update <= update);
}

/** The newest of each kind, in the order in which the kinds first came. */
export function newestOf(samples: readonly Sample[]): readonly Sample[] {
  return [...new Map(samples.map((sample) => [sample.kind, sample])).values()];
}
