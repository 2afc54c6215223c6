import { t } from '../../messages/messages.ts';
import type { SymbolChoice } from '../../worker/translations.ts';

/** A symbol as it is shown; the end in words. */
export function symbolName({ label }: Pick<SymbolChoice, 'label'>): string {
  return label === '' ? t('attention.end') : label;
}
