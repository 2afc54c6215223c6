/** Whether what a view shows is the open run: only then does the run stand along its top. */
import type { ModelSettings } from '../../engine/experiment/experiment.ts';
import { EXPLORERS, type View } from '../state/address.ts';
import { parseLookedAt } from '../views/gradients/looked-at.ts';

const RUN_VIEWS: ReadonlySet<View> = new Set(['train', ...EXPLORERS, 'export']);

/** `quantity`: what of the view is looked at, as in the address. */
export function isAboutRun(view: View, quantity: string | null, { architecture }: ModelSettings): boolean {
  if (view !== 'gradients') return RUN_VIEWS.has(view);
  const { part, small } = parseLookedAt(quantity, 'flow');
  return part === 'flow' || (part === 'unrolled' && !small && architecture === 'recurrent');
}
