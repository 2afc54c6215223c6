/** How a gradient flows back, in words and numbers. */
import type { FlowVerdict } from '../../../engine/gradients/verdicts.ts';
import { t } from '../../messages/messages.ts';
import { share } from './power.ts';

export function flowWords({ kind, state, near, far, share: left }: FlowVerdict): string {
  return t(`gradients.${kind}`, {
    count: Math.abs(near - far),
    share: share(left),
    state: t(`gradients.state.${state}`),
    near: near + 1,
    far: far + 1,
  });
}
