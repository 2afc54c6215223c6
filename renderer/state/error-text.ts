import { UnrolledError } from '../../engine/errors.ts';

/** What an error says, as sentences: what is wrong, and, where it is known, what would be right. */
export function errorText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof UnrolledError ? error.hint : undefined;
  return [message, hint].flatMap((part) => (part === undefined || part === '' ? [] : [sentence(part)])).join(' ');
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/u.test(begun) ? begun : `${begun}.`;
}
