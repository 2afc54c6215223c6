/** What is wrong with single places of a file. Lines count from 1. */
export interface Complaint {
  readonly line: number;
  readonly column?: string;
  readonly message: string;
}

/** The most complaints that are kept with their words; the others are only counted. */
const MOST_KEPT = 200;

export class Complaints {
  readonly #kept: Complaint[] = [];
  readonly #notices: string[] = [];
  #count = 0;

  add(line: number, column: string | undefined, message: string): void {
    this.#count++;
    if (this.#kept.length < MOST_KEPT) {
      this.#kept.push(column === undefined ? { line, message } : { line, column, message });
    }
  }

  /** Of complaints that were counted elsewhere and not kept. */
  addUnseen(count: number): void {
    this.#count += count;
  }

  /** A sentence about the file as a whole. */
  notice(sentence: string): void {
    if (!this.#notices.includes(sentence)) this.#notices.push(sentence);
  }

  get notices(): readonly string[] {
    return this.#notices;
  }

  get count(): number {
    return this.#count;
  }

  /** The first ones, by line. */
  list(): readonly Complaint[] {
    return this.#kept.toSorted((a, b) => a.line - b.line);
  }
}
