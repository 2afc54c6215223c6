import type { Failure, Result } from '../../electron/api/call.ts';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { ImportChoiceInfo, ModelImport } from '../../electron/api/exports.ts';
import type { RunInfo } from '../../electron/api/runs.ts';
import type { Source } from './import-flow.svelte.ts';

/** Bytes of a file that are sent at once. */
const CHUNK = 1 << 20;

export type ModelImportStage = 'idle' | 'reading' | 'choosing' | 'saving' | 'failed';

/** A bundle or weights on their way into the workspace: sent, recognised, named, made a run. */
export class ModelImportFlow {
  readonly #connection: ProgramConnection;
  #stage = $state<ModelImportStage>('idle');
  #fileName = $state('');
  #sent = $state(0);
  #total = $state(0);
  #found = $state.raw<ModelImport>();
  #failure = $state.raw<Failure>();
  #name = $state('');
  #choice = $state.raw<ImportChoiceInfo>({});
  #import: string | undefined;
  /** Counts the imports, so that one that was cancelled does not go on. */
  #turn = 0;
  /** Called when an import has ended, in whatever way. */
  whenIdle: () => void = () => undefined;

  constructor(connection: ProgramConnection) {
    this.#connection = connection;
  }

  get stage(): ModelImportStage {
    return this.#stage;
  }

  get fileName(): string {
    return this.#fileName;
  }

  /** Of the files that are sent, 0 to 1. */
  get share(): number {
    return this.#total === 0 ? 1 : this.#sent / this.#total;
  }

  get found(): ModelImport | undefined {
    return this.#found;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** What the run is to be called. */
  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = name;
  }

  /** What the files do not say. */
  get choice(): ImportChoiceInfo {
    return this.#choice;
  }

  set choice(choice: ImportChoiceInfo) {
    this.#choice = choice;
    this.#failure = undefined;
  }

  /** Sends files and waits for what is recognised in them. */
  async read(sources: readonly Source[]): Promise<void> {
    const total = sources.reduce((sum, { size }) => sum + size, 0);
    const turn = await this.#begin(sources.map(({ name }) => name).join(', '), total);
    const { models } = this.#connection.api;
    const files = sources.map(({ name, size }) => ({ name, bytes: size }));
    const begun = await this.#wait(turn, models.importBegin({ files }));
    if (begun === undefined) return;
    this.#import = begun.import;
    for (const [file, source] of sources.entries()) {
      for (let start = 0; start < source.size; start += CHUNK) {
        const end = Math.min(start + CHUNK, source.size);
        const bytes = await this.#bytes(turn, source, start, end);
        if (bytes === undefined) return;
        const sent = await this.#wait(turn, models.importChunk({ import: begun.import, file, bytes }));
        if (sent === undefined) return;
        this.#sent += end - start;
      }
    }
    await this.#see(turn, begun.import);
  }

  /** As `read`, of a file that the back can read itself. */
  async readPath(path: string): Promise<void> {
    const turn = await this.#begin(path.split(/[\\/]/u).at(-1) ?? path, 0);
    const begun = await this.#wait(turn, this.#connection.api.models.importFile({ path }));
    if (begun === undefined) return;
    this.#import = begun.import;
    await this.#see(turn, begun.import);
  }

  /** Makes a run of it. */
  async save(): Promise<RunInfo | undefined> {
    if (this.#import === undefined || this.#stage !== 'choosing') return undefined;
    this.#stage = 'saving';
    this.#failure = undefined;
    const args = { import: this.#import, name: this.#name, choice: this.#choice };
    const result = await this.#connection.api.models.importSave(args);
    if (result.ok) {
      this.#import = undefined;
      this.#reset();
      this.whenIdle();
      return result.value;
    }
    // The choice can be mended.
    this.#failure = result.error;
    this.#stage = 'choosing';
    return undefined;
  }

  /** Gives up at any moment; nothing stays behind. */
  async cancel(): Promise<void> {
    await this.#abandon();
    this.whenIdle();
  }

  async #abandon(): Promise<void> {
    const id = this.#import;
    this.#import = undefined;
    this.#reset();
    if (id !== undefined) await this.#connection.api.models.importCancel({ import: id });
  }

  /** Returns the new import's turn. */
  async #begin(fileName: string, total: number): Promise<number> {
    await this.#abandon();
    this.#stage = 'reading';
    this.#fileName = fileName;
    this.#total = total;
    this.#sent = 0;
    return this.#turn;
  }

  async #see(turn: number, id: string): Promise<void> {
    const found = await this.#wait(turn, this.#connection.api.models.importPreview({ import: id }));
    if (found === undefined) return;
    this.#found = found;
    this.#name = found.name;
    const { model } = found;
    // What was written by this program says itself what it is.
    const kind = model !== null && model.task === null ? model.kinds[0] : undefined;
    this.#choice = kind === undefined ? {} : { kind };
    this.#stage = 'choosing';
  }

  #reset(): void {
    this.#turn++;
    this.#stage = 'idle';
    this.#found = undefined;
    this.#failure = undefined;
    this.#choice = {};
  }

  async #bytes(turn: number, source: Source, start: number, end: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const buffer = await source.slice(start, end).arrayBuffer();
      return turn === this.#turn ? new Uint8Array(buffer) : undefined;
    } catch (error) {
      const message = `${source.name} could not be read: ${error instanceof Error ? error.message : String(error)}`;
      if (turn === this.#turn) this.#fail({ code: 'unreadable', message });
      return undefined;
    }
  }

  /** The answer's value; undefined where it failed or the import has been cancelled meanwhile. */
  async #wait<T>(turn: number, answer: Promise<Result<T>>): Promise<T | undefined> {
    const result = await answer;
    if (turn !== this.#turn) return undefined;
    if (result.ok) return result.value;
    this.#fail(result.error);
    return undefined;
  }

  #fail(failure: Failure): void {
    this.#failure = failure;
    this.#stage = 'failed';
  }
}
