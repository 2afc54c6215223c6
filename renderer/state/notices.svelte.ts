import type { Failure, Result } from '../../electron/api/call.ts';

/** A message in passing. News go by themselves; errors stay until they are put away. */
export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'news';
  readonly text: string;
  readonly hint: string | undefined;
  readonly action: { readonly label: string; readonly run: () => void } | undefined;
}

/** Milliseconds that any news stay, and more for each character that is to be read. */
const STAY = 5000;
const READING = 60;
/** As long as a deletion can well be regretted. */
const STAY_WITH_ACTION = 12_000;
/** More than so many would cover what they are about: of the news, the oldest go. */
const MOST = 3;

/** Calls back after so many milliseconds, unless what is returned is called before. */
export type Later = (work: () => void, milliseconds: number) => () => void;

export class Notices {
  readonly #later: Later;
  #list = $state.raw<readonly Notice[]>([]);
  #next = 0;
  /** What ends the waiting for each of the news to go. */
  readonly #waits = new Map<number, () => void>();
  /** Those that someone reads or is about to use. */
  readonly #kept = new Set<number>();

  constructor(later: Later = afterTimeout) {
    this.#later = later;
  }

  get list(): readonly Notice[] {
    return this.#list;
  }

  /** Returns the notice's id. */
  tell(text: string, action?: Notice['action']): number {
    return this.#add({ kind: 'news', text, hint: undefined, action });
  }

  fail({ message, hint }: Failure): number {
    return this.#add({ kind: 'error', text: message, hint, action: undefined });
  }

  dismiss(id: number): void {
    this.#waits.get(id)?.();
    this.#waits.delete(id);
    this.#kept.delete(id);
    this.#list = this.#list.filter((notice) => notice.id !== id);
  }

  /** Someone reads it, or is about to use it: it stays until it is released. */
  keep(id: number): void {
    this.#kept.add(id);
    this.#waits.get(id)?.();
    this.#waits.delete(id);
  }

  release(id: number): void {
    if (!this.#kept.delete(id)) return;
    const notice = this.#list.find((one) => one.id === id);
    if (notice !== undefined) this.#wait(notice);
  }

  /** The value of an answer; where there is none, tells why and returns undefined. */
  async value<T>(answer: Promise<Result<T>>): Promise<T | undefined> {
    const result = await answer;
    if (result.ok) return result.value;
    this.fail(result.error);
    return undefined;
  }

  #add(told: Omit<Notice, 'id'>): number {
    const notice = { ...told, id: this.#next++ };
    for (const { id, text } of this.#list) if (text === notice.text) this.dismiss(id);
    this.#list = [...this.#list, notice];
    this.#wait(notice);
    const news = this.#list.filter(({ kind, id }) => kind === 'news' && !this.#kept.has(id));
    const older = news.filter(({ id }) => id !== notice.id);
    for (const { id } of older.slice(0, Math.max(0, this.#list.length - MOST))) this.dismiss(id);
    return notice.id;
  }

  #wait({ id, kind, text, action }: Notice): void {
    if (kind === 'error') return;
    const stay = Math.max(action === undefined ? 0 : STAY_WITH_ACTION, STAY + READING * text.length);
    this.#waits.set(
      id,
      this.#later(() => this.dismiss(id), stay),
    );
  }
}

function afterTimeout(work: () => void, milliseconds: number): () => void {
  const timer = setTimeout(work, milliseconds);
  return () => clearTimeout(timer);
}
