import { t } from '../../messages/messages.ts';
import type { AttentionMaps } from '../../worker/attentions.ts';

/** "Encoder 1", "Decoder 2", "Decoder 2 over the source" */
export function attentionName({
  name,
  layer,
  overSource,
  ofSource,
}: Pick<AttentionMaps, 'name' | 'layer' | 'overSource' | 'ofSource'>): string {
  const number = (layer ?? 0) + 1;
  if (name.startsWith('encoder')) return t('attention.encoder', { layer: number });
  return t(overSource && !ofSource ? 'attention.overSource' : 'attention.decoder', { layer: number });
}
