import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../../engine/errors.ts';
import { fileError } from '../../runs/files.ts';
import { fileSource, type ImportSource } from './source.ts';

/** Keeps the bytes that the face sends, in a file of the import's own folder, until they are all there. */
export class Spool {
  readonly #name: string;
  readonly #path: string;
  readonly #totalBytes: number;
  readonly #file: FileHandle;
  #written: Promise<void> = Promise.resolve();
  #bytes = 0;
  #ended = false;

  private constructor(name: string, path: string, totalBytes: number, file: FileHandle) {
    this.#name = name;
    this.#path = path;
    this.#totalBytes = totalBytes;
    this.#file = file;
  }

  /** `folder` is made; `name`: of the file as its owner calls it. */
  static async create(folder: string, name: string, totalBytes: number): Promise<Spool> {
    const path = join(folder, 'source');
    try {
      await mkdir(folder, { recursive: true });
      return new Spool(name, path, totalBytes, await open(path, 'wx'));
    } catch (error) {
      throw fileError(error, 'written', path);
    }
  }

  /** Bytes that have come. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Pieces are written in the order of the calls. Throws InputError where there are more than were announced. */
  write(piece: Uint8Array): Promise<void> {
    if (this.#ended) throw new InputError(`${this.#name} has come to its end already; no further piece belongs to it`);
    this.#bytes += piece.length;
    if (this.#bytes > this.#totalBytes) {
      throw new InputError(`${this.#name} was announced with ${this.#totalBytes} bytes, and more have come`);
    }
    const before = this.#written;
    this.#written = (async () => {
      await before;
      try {
        await this.#file.writeFile(piece);
      } catch (error) {
        throw fileError(error, 'written', this.#path);
      }
    })();
    return this.#written;
  }

  /** The whole file. Throws InputError where bytes are missing. */
  async end(): Promise<ImportSource> {
    this.#ended = true;
    await this.#written;
    await this.close();
    if (this.#bytes !== this.#totalBytes) {
      throw new InputError(`${this.#name} was announced with ${this.#totalBytes} bytes, but ${this.#bytes} have come`);
    }
    return fileSource(this.#path, this.#name);
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#written.catch(() => undefined);
    await this.#file.close();
  }
}
