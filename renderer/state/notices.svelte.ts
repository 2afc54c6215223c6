import type { Failure, Result } from '../../electron/api/call.ts';

/** Something a person is told in passing. Errors stay until they are put away. */
export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'news';
  readonly text: string;
  readonly hint: string | undefined;
  readonly action: { readonly label: string; readonly run: () => void } | undefined;
}

export class Notices {
  #list = $state.raw<readonly Notice[]>([]);
  #next = 0;

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
    this.#list = this.#list.filter((notice) => notice.id !== id);
  }

  /** The value of an answer; where there is none, tells why and returns undefined. */
  async value<T>(answer: Promise<Result<T>>): Promise<T | undefined> {
    const result = await answer;
    if (result.ok) return result.value;
    this.fail(result.error);
    return undefined;
  }

  #add(notice: Omit<Notice, 'id'>): number {
    const id = this.#next++;
    const others = this.#list.filter(({ text }) => text !== notice.text);
    this.#list = [...others, { ...notice, id }];
    return id;
  }
}
