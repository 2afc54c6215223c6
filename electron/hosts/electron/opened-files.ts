/** Files that a person opened with the program, until the page takes them. */
export class OpenedFiles {
  readonly #waiting: string[] = [];
  #listener: () => void = () => undefined;

  /** `listener` is called when there are files to take. */
  onAdded(listener: () => void): void {
    this.#listener = listener;
  }

  add(paths: readonly string[]): void {
    this.#waiting.push(...paths);
    if (paths.length > 0) this.#listener();
  }

  /** The next one; null where there is none. */
  take(): string | null {
    return this.#waiting.shift() ?? null;
  }
}
