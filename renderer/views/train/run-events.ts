/** What happened to a run on its way: settings that were changed, and where it diverged. */
import type { CheckpointInfo, RunInfo } from '../../../electron/api/runs.ts';
import type { Marker } from '../../charts/spec.ts';
import { setting } from '../../format.ts';
import { maybe, t } from '../../messages/messages.ts';
import { fieldName } from '../../state/field-names.ts';
import type { Divergence } from './divergence.ts';

type Change = RunInfo['changes'][number];

/** "Learning rate 0.01 → 5", "back from 300 to the checkpoint of update 250" */
export function changeText({ field, from, to }: Change): string {
  // Set aside, because it was damaged or the run had diverged by then.
  if (field === 'checkpoint') return t('past.checkpoint', { from: setting(from), to: setting(to) });
  const name = maybe(`adjust.${field}`) ?? fieldName(field);
  return t('past.change', { field: name, from: setting(from), to: setting(to) });
}

export function markersOf(changes: readonly Change[], divergence: Divergence | undefined): readonly Marker[] {
  const markers: Marker[] = changes.map((change) => ({
    x: change.update,
    label: changeText(change),
    colour: 'ink-soft',
  }));
  if (divergence !== undefined) markers.push({ x: divergence.since, label: t('diverged.mark'), colour: 'danger' });
  return markers.sort((a, b) => a.x - b.x);
}

/** The newest change between the best loss and the high ones: what it is likely to have come from. */
export function causeOf(changes: readonly Change[], { best, since }: Divergence): Change | undefined {
  return changes.findLast(({ update }) => update >= best && update <= since);
}

/** Where to go back to: the best checkpoint, or, where the best is from after the divergence, the last one before it. */
export function lastGood(checkpoints: readonly CheckpointInfo[], since: number): CheckpointInfo | undefined {
  const before = checkpoints.filter(({ update }) => update < since);
  return before.find(({ best }) => best) ?? before.at(-1);
}
