import type { Failure } from '../../electron/api/call.ts';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { ExportPreview, ExportProgress } from '../../electron/api/exports.ts';
import type { ExportFormat } from '../../engine/exports/formats.ts';

/** What is to be written. */
export interface ExportWhat {
  readonly run: string;
  readonly update: number;
  readonly format: ExportFormat;
}

export type ExportStage = 'idle' | 'working' | 'done';

/** How files get to the person. */
export interface ExportWay {
  /** The system's dialog for a place to save at; undefined where the host has none: the file is a download then. */
  readonly choosePath: ((name: string) => Promise<string | undefined>) | undefined;
  /** Hands over a download. */
  readonly saveBytes: (parts: readonly Uint8Array<ArrayBuffer>[], name: string) => void;
}

/** One export: looked at before, written, handed over. */
export class Exporting {
  readonly #connection: ProgramConnection;
  #preview = $state.raw<ExportPreview>();
  #failure = $state.raw<Failure>();
  #stage = $state<ExportStage>('idle');
  #fraction = $state(0);
  #saved = $state('');
  /** Counts the previews and exports, so that one that was left does not come in. */
  #turn = 0;
  #running: string | undefined;
  /** What has been told of exports that are not known here yet. */
  readonly #early = new Map<string, ExportProgress>();
  #settle: ((told: ExportProgress) => void) | undefined;

  constructor(connection: ProgramConnection) {
    this.#connection = connection;
    connection.on('exports.progress', (told) => this.#hear(told));
  }

  /** Undefined while it is made. */
  get preview(): ExportPreview | undefined {
    return this.#preview;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get stage(): ExportStage {
    return this.#stage;
  }

  /** Of the export that is being written, 0 to 1. */
  get fraction(): number {
    return this.#fraction;
  }

  /** The name or path that was written last. */
  get saved(): string {
    return this.#saved;
  }

  /** Asks what would be written; the newest question counts. */
  async look(what: ExportWhat): Promise<void> {
    const turn = ++this.#turn;
    this.#preview = undefined;
    this.#failure = undefined;
    if (this.#stage === 'done') this.#stage = 'idle';
    const result = await this.#connection.api.exports.preview(what);
    if (turn !== this.#turn) return;
    if (result.ok) this.#preview = result.value;
    else this.#failure = result.error;
  }

  async write(what: ExportWhat, { choosePath, saveBytes }: ExportWay): Promise<void> {
    const name = this.#preview?.fileName ?? 'model';
    const path = await choosePath?.(name);
    if (choosePath !== undefined && path === undefined) return;
    const { exports } = this.#connection.api;
    this.#stage = 'working';
    this.#fraction = 0;
    this.#failure = undefined;
    const begun = await exports.begin(path === undefined ? what : { ...what, path });
    if (!begun.ok) {
      this.#fail(begun.error);
      return;
    }
    const id = begun.value.export;
    const end = await this.#end(id);
    if (end.state !== 'done') {
      this.#stage = 'idle';
      if (end.failure) this.#fail(end.failure);
      return;
    }
    if (path === undefined) {
      const parts = await this.#read(id, end.bytes);
      if (parts === undefined) return;
      saveBytes(parts, name);
    }
    await exports.finish({ export: id });
    this.#saved = path ?? name;
    this.#stage = 'done';
  }

  async cancel(): Promise<void> {
    const id = this.#running;
    if (id !== undefined) await this.#connection.api.exports.cancel({ export: id });
  }

  async #read(id: string, size: number): Promise<Uint8Array<ArrayBuffer>[] | undefined> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let offset = 0; offset < size;) {
      const piece = await this.#connection.api.exports.read({ export: id, offset });
      if (!piece.ok) {
        this.#fail(piece.error);
        return undefined;
      }
      const bytes = new Uint8Array(piece.value.bytes);
      parts.push(bytes);
      offset += bytes.length;
      if (bytes.length === 0) break;
    }
    return parts;
  }

  /** Resolves when it has come to its end, whichever. */
  #end(id: string): Promise<ExportProgress> {
    this.#running = id;
    return new Promise((resolve) => {
      this.#settle = (told) => {
        this.#running = undefined;
        this.#settle = undefined;
        resolve(told);
      };
      const early = this.#early.get(id);
      this.#early.clear();
      if (early) this.#hear(early);
    });
  }

  #hear(told: ExportProgress): void {
    if (told.export !== this.#running) {
      this.#early.set(told.export, told);
      return;
    }
    this.#fraction = told.fraction;
    if (told.state !== 'working') this.#settle?.(told);
  }

  #fail(failure: Failure): void {
    this.#failure = failure;
    this.#stage = 'idle';
  }
}
