import type { Failure, Result } from '../../electron/api/call.ts';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { DatasetInfo, ImportCheck, ImportPreview, Mapping, ReadingAs } from '../../electron/api/data.ts';

/** What stands between the fields of a row, in tables. */
export const delimiters = [',', ';', '\t', '|'] as const satisfies readonly ReadingAs['delimiter'][];

/** Bytes of a file that are sent at once. */
const CHUNK = 1 << 20;

/** What of a File is needed. */
export interface Source {
  readonly name: string;
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export type ImportStage = 'idle' | 'reading' | 'mapping' | 'saving' | 'failed';

/** One file on its way into the workspace: sent, looked at, mapped to what it is, saved. */
export class ImportFlow {
  readonly #connection: ProgramConnection;
  #stage = $state<ImportStage>('idle');
  #fileName = $state('');
  #sent = $state(0);
  #total = $state(0);
  #rows = $state(0);
  #preview = $state.raw<ImportPreview>();
  #mapping = $state.raw<Mapping>();
  #check = $state.raw<ImportCheck>();
  #failure = $state.raw<Failure>();
  #name = $state('');
  #import: string | undefined;
  /** The back reads the file itself. */
  #readByBack = false;
  /** What a person has said of how the file is to be read. */
  #said: ReadingAs = {};
  /** Counts the imports, so that one that was cancelled does not go on. */
  #turn = 0;

  constructor(connection: ProgramConnection) {
    this.#connection = connection;
    connection.on('datasets.import', (told) => {
      if (told.import !== this.#import || this.#stage !== 'reading') return;
      this.#rows = told.rows;
      // What is sent from here is counted here.
      if (this.#readByBack) {
        this.#sent = told.bytes;
        this.#total = told.totalBytes;
      }
    });
  }

  get stage(): ImportStage {
    return this.#stage;
  }

  get fileName(): string {
    return this.#fileName;
  }

  /** Of the file that has been read, 0 to 1. */
  get share(): number {
    return this.#total === 0 ? 1 : this.#sent / this.#total;
  }

  get sent(): number {
    return this.#sent;
  }

  get total(): number {
    return this.#total;
  }

  get rows(): number {
    return this.#rows;
  }

  get preview(): ImportPreview | undefined {
    return this.#preview;
  }

  get mapping(): Mapping | undefined {
    return this.#mapping;
  }

  set mapping(mapping: Mapping | undefined) {
    this.#mapping = mapping;
    void this.#recheck();
  }

  /** What the mapping would make of the file; undefined until it is known. */
  get check(): ImportCheck | undefined {
    return this.#check;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** What the dataset is to be called. */
  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = name;
  }

  /** Sends the file and waits for its preview. */
  async read(source: Source): Promise<void> {
    const turn = await this.#begin(source.name, source.size);
    const { datasets } = this.#connection.api;
    const begun = await this.#wait(turn, datasets.importBegin({ name: source.name, totalBytes: source.size }));
    if (begun === undefined) return;
    const id = begun.import;
    this.#import = id;
    for (let start = 0; start < source.size; start += CHUNK) {
      const end = Math.min(start + CHUNK, source.size);
      const bytes = await this.#bytes(turn, source, start, end);
      if (bytes === undefined) return;
      if ((await this.#wait(turn, datasets.importChunk({ import: id, bytes }))) === undefined) return;
      this.#sent = end;
    }
    if ((await this.#wait(turn, datasets.importEnd({ import: id }))) === undefined) return;
    await this.#see(turn, id);
  }

  /** As `read`, of a file that the back can read itself. */
  async readPath(path: string): Promise<void> {
    const turn = await this.#begin(path.split(/[\\/]/u).at(-1) ?? path, 0);
    this.#readByBack = true;
    const begun = await this.#wait(turn, this.#connection.api.datasets.importFile({ path }));
    if (begun === undefined) return;
    this.#import = begun.import;
    await this.#see(turn, begun.import);
  }

  /** Reads the file once more, in another way than it was found to be written in. */
  async readAs(as: ReadingAs): Promise<void> {
    if (this.#import === undefined || this.#preview === undefined || this.#stage !== 'mapping') return;
    // What a person has said stays said; the rest is found anew, for another encoding or delimiter changes it.
    const said = Object.entries({ ...this.#said, ...as }).filter(([, value]) => value !== undefined);
    this.#said = Object.fromEntries(said);
    this.#stage = 'reading';
    await this.#see(this.#turn, this.#import, this.#said);
  }

  /** Keeps it as a dataset. */
  async save(): Promise<DatasetInfo | undefined> {
    if (this.#import === undefined || this.#mapping === undefined || this.#stage !== 'mapping') return undefined;
    this.#stage = 'saving';
    this.#failure = undefined;
    const { datasets } = this.#connection.api;
    const result = await datasets.importSave({ import: this.#import, name: this.#name, mapping: this.#mapping });
    if (result.ok) {
      this.#import = undefined;
      this.#reset();
      return result.value;
    }
    // The mapping can be mended.
    this.#failure = result.error;
    this.#stage = 'mapping';
    return undefined;
  }

  /** Gives up at any moment; nothing stays behind. */
  async cancel(): Promise<void> {
    const id = this.#import;
    this.#import = undefined;
    this.#reset();
    if (id !== undefined) await this.#connection.api.datasets.importCancel({ import: id });
  }

  /** Returns the new import's turn. */
  async #begin(fileName: string, total: number): Promise<number> {
    await this.cancel();
    this.#stage = 'reading';
    this.#fileName = fileName;
    this.#total = total;
    this.#sent = 0;
    this.#rows = 0;
    return this.#turn;
  }

  async #see(turn: number, id: string, as?: ReadingAs): Promise<void> {
    const { datasets } = this.#connection.api;
    const preview = await this.#wait(
      turn,
      datasets.importPreview(as === undefined ? { import: id } : { import: id, as }),
    );
    if (preview === undefined) return;
    // A name that a person has given stays.
    if (this.#preview === undefined) this.#name = preview.name;
    this.#preview = preview;
    this.mapping = preview.suggestions[0];
    this.#rows = preview.rows;
    this.#stage = 'mapping';
  }

  async #recheck(): Promise<void> {
    const mapping = this.#mapping;
    const turn = this.#turn;
    this.#check = undefined;
    if (mapping === undefined || this.#import === undefined) return;
    const { datasets } = this.#connection.api;
    const result = await datasets.importCheck({ import: this.#import, mapping });
    // Of a mapping that has been changed since, nothing is told.
    if (turn === this.#turn && mapping === this.#mapping && result.ok) this.#check = result.value;
  }

  #reset(): void {
    this.#turn++;
    this.#said = {};
    this.#check = undefined;
    this.#readByBack = false;
    this.#stage = 'idle';
    this.#preview = undefined;
    this.#mapping = undefined;
    this.#failure = undefined;
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
