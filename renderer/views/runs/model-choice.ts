/** What a person says of weights from elsewhere, between fields and values. */
import type { ImportChoiceInfo } from '../../../electron/api/exports.ts';

/** Names written into one field: with spaces between them where there are words, otherwise characters. */
export function namesFrom(text: string): string[] {
  const words = text.split(' ').filter((word) => word !== '');
  const ofWords = words.length > 1 && words.some((word) => Array.from(word).length > 1);
  return ofWords ? words : Array.from(words.every((word) => Array.from(word).length === 1) ? words.join('') : text);
}

/** The chosen task as the list names it; empty where none is chosen. */
export function taskOf({ task }: ImportChoiceInfo): string {
  if (typeof task !== 'object' || task === null || !('id' in task)) return '';
  const { id, dataset } = task as { readonly id: unknown; readonly dataset?: unknown };
  return typeof dataset === 'string' ? `${String(id)} ${dataset}` : String(id);
}
