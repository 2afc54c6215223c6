/** One import, from its first byte to a dataset in the workspace or to nothing at all. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, UnrolledError } from '../../../engine/errors.ts';
import type { Emit } from '../../api/call.ts';
import type { events } from '../../api/contract.ts';
import type { ImportCheck, ImportPreview, Mapping, ReadingAs } from '../../api/data.ts';
import { fileError, syncFolder } from '../../runs/files.ts';
import type { Manifest } from '../stored.ts';
import { checkMapping } from './check.ts';
import { importCommandLine } from './command-line.ts';
import { saveDataset } from './save.ts';
import { previewOf, scanFile, type Pass, type Scan } from './scan.ts';
import { fileSource, type ImportSource } from './source.ts';
import { Spool } from './spool.ts';

type State = 'reading' | 'ready' | 'saving' | 'done' | 'cancelled' | 'failed';

/** Milliseconds between two reports of progress. */
const REPORT_EVERY = 200;

export interface ImportOptions {
  readonly id: string;
  /** Of its own, for as long as it lasts; made when it is needed. */
  readonly folder: string;
  readonly emit: Emit<typeof events>;
}

interface Scanned {
  readonly source: ImportSource;
  readonly scan: Scan;
}

export class Import {
  readonly id: string;
  readonly #folder: string;
  readonly #emit: Emit<typeof events>;
  readonly #controller = new AbortController();
  readonly #totalBytes: number;
  readonly #spool: Spool | undefined;
  readonly #source: Promise<ImportSource>;
  readonly #giveSource: (source: ImportSource | Promise<ImportSource>) => void;
  readonly #giveUp: (reason: unknown) => void;
  #scanned: Promise<Scanned>;
  /** What a person has said of the file's reading. */
  #as: ReadingAs = {};
  #saving: Promise<Manifest> | undefined;
  #state: State = 'reading';
  #progress = { bytes: 0, rows: 0 };
  #reported = -Infinity;

  private constructor({ id, folder, emit }: ImportOptions, totalBytes: number, spool: Spool | undefined) {
    this.id = id;
    this.#folder = folder;
    this.#emit = emit;
    this.#totalBytes = totalBytes;
    this.#spool = spool;
    const { promise, resolve, reject } = Promise.withResolvers<ImportSource>();
    this.#source = promise;
    this.#giveSource = resolve;
    this.#giveUp = reject;
    this.#scanned = this.#scan({});
  }

  /** Begins to read a file. Throws InputError where there is none. */
  static ofFile(options: ImportOptions, path: string): Import {
    const source = fileSource(path);
    const made = new Import(options, source.bytes, undefined);
    made.#giveSource(source);
    return made;
  }

  /** Waits for pieces. */
  static async ofPieces(options: ImportOptions, name: string, totalBytes: number): Promise<Import> {
    return new Import(options, totalBytes, await Spool.create(options.folder, name, totalBytes));
  }

  async write(piece: Uint8Array): Promise<void> {
    const spool = this.#requireSpool();
    await spool.write(piece);
    this.#report('reading', { bytes: spool.bytes, rows: 0 });
  }

  /** All pieces have come. */
  async end(): Promise<void> {
    const source = this.#requireSpool().end();
    this.#giveSource(source);
    await source;
  }

  /** Throws InputError where the file cannot be read as `as` says. */
  async preview(as?: ReadingAs): Promise<ImportPreview> {
    if (as) {
      this.#as = as;
      this.#scanned = this.#scan(as);
    }
    const { source, scan } = await this.#scanned;
    return previewOf(this.id, source, scan);
  }

  /** What a mapping would make of the file. `name`: what the dataset is to be called. */
  async check(mapping: Mapping, name: string | undefined): Promise<ImportCheck> {
    const { source, scan } = await this.#scanned;
    const { notices, problem } = await checkMapping(source, scan, mapping, {
      signal: this.#controller.signal,
      progress: () => undefined,
    });
    const command = importCommandLine({ file: source.name, reading: this.#as, mapping, name });
    return { notices: [...notices], command, ...(problem ? { problem } : {}) };
  }

  /** The dataset's files come to lie in `target`, which is not there yet. Where it fails, it can be tried anew. */
  async save(mapping: Mapping, name: string, target: string): Promise<Manifest> {
    const scanned = await this.#scanned;
    if (this.#saving) throw new InputError(`${scanned.source.name} is being saved already`);
    this.#saving = this.#save(scanned, mapping, name, target);
    try {
      return await this.#saving;
    } finally {
      this.#saving = undefined;
    }
  }

  /** The last word about an import that has become a dataset. */
  async finish(): Promise<void> {
    this.#report('done', { ...this.#progress, bytes: this.#totalBytes });
    await this.#clear();
  }

  /** Ends it at whatever moment; nothing is left behind. */
  async cancel(): Promise<void> {
    this.#controller.abort();
    this.#giveUp(cancelled('the import'));
    await this.#scanned.catch(() => undefined);
    await this.#saving?.catch(() => undefined);
    await this.#clear();
    this.#report('cancelled', this.#progress);
  }

  #requireSpool(): Spool {
    if (!this.#spool) throw new InputError('the import reads a file itself; no pieces belong to it');
    return this.#spool;
  }

  #scan(as: ReadingAs): Promise<Scanned> {
    const scanned = (async () => {
      const source = await this.#source;
      const scan = await scanFile(source, as, this.#pass('reading'));
      this.#report('ready', { bytes: source.bytes, rows: scan.rows });
      return { source, scan };
    })().catch((error: unknown) => {
      if (this.#controller.signal.aborted) throw cancelled('the import');
      this.#report('failed', this.#progress, error instanceof UnrolledError ? error.message : 'The import has failed.');
      throw error;
    });
    // Whoever asks for the preview is told; until then nobody is.
    scanned.catch(() => undefined);
    return scanned;
  }

  async #save({ source, scan }: Scanned, mapping: Mapping, name: string, target: string): Promise<Manifest> {
    const { signal } = this.#controller;
    const folder = join(this.#folder, 'dataset');
    const before = this.#progress;
    this.#report('saving', { bytes: 0, rows: 0 });
    try {
      await mkdir(folder, { recursive: true });
      const manifest = await saveDataset({ source, scan, mapping, name, folder, pass: this.#pass('saving') });
      signal.throwIfAborted();
      await rename(folder, target);
      if (signal.aborted) await rm(target, { recursive: true, force: true });
      signal.throwIfAborted();
      syncFolder(dirname(target));
      return manifest;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (signal.aborted) throw cancelled(source.name);
      this.#report('ready', before);
      throw fileError(error, 'written', folder);
    }
  }

  #pass(state: State): Pass {
    return {
      signal: this.#controller.signal,
      progress: (bytes, rows) => this.#report(state, { bytes, rows }),
    };
  }

  #report(state: State, progress: { readonly bytes: number; readonly rows: number }, message?: string): void {
    const now = performance.now();
    const told = state === this.#state && now - this.#reported < REPORT_EVERY;
    this.#state = state;
    this.#progress = progress;
    if (told) return;
    this.#reported = now;
    this.#emit('datasets.import', {
      import: this.id,
      ...progress,
      totalBytes: this.#totalBytes,
      state,
      ...(message === undefined ? {} : { message }),
    });
  }

  async #clear(): Promise<void> {
    await this.#spool?.close().catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function cancelled(name: string): UnrolledError {
  return new UnrolledError('cancelled', `${name} was cancelled`);
}
