import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { fileError } from '../../runs/files.ts';

/** Characters that are gathered before they are written. */
const GATHERED = 1 << 20;

/** A new text file that is written piece by piece. Every method throws InputError where the disk refuses. */
export class TextWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #gathered: string[] = [];
  #length = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<TextWriter> {
    try {
      return new TextWriter(path, await open(path, 'wx'));
    } catch (error) {
      throw fileError(error, 'written', path);
    }
  }

  async write(text: string): Promise<void> {
    this.#gathered.push(text);
    this.#length += text.length;
    if (this.#length >= GATHERED) await this.#flush();
  }

  /** Brings everything to the disk; gives the SHA-256 of the file, hexadecimal. */
  async finish(): Promise<string> {
    await this.#flush();
    try {
      await this.#file.sync();
    } catch (error) {
      throw fileError(error, 'written', this.#path);
    }
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#gathered.join(''));
    this.#gathered = [];
    this.#length = 0;
    this.#hash.update(bytes);
    try {
      await this.#file.writeFile(bytes);
    } catch (error) {
      throw fileError(error, 'written', this.#path);
    }
  }
}
