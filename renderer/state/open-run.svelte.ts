import type { Baseline, Criterion } from './tasks.svelte.ts';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import { readExperiment } from './experiment.ts';
import type { CheckpointInfo } from '../../electron/api/runs.ts';
import type { Sample } from '../../electron/api/samples.ts';
import { Duty } from './duty.ts';
import type { Pace } from './pace.ts';
import { RunHistory } from './run-history.ts';
import type { LayerInfo } from './draft-check.ts';

/** Buckets of the history that is read; of each the smallest and the largest loss are kept. */
const HISTORY_POINTS = 2000;
const MOST_SAMPLES = 200;
/** Milliseconds between two checkpoints that are looked into while the run trains: what is drawn of one takes time too. */
const FOLLOWING_INTERVAL = 3000;

/** A run that is looked at: its course, checkpoints and samples, kept up with the back until it is closed. */
export class OpenRun {
  readonly id: string;
  readonly #connection: ProgramConnection;
  readonly #pace: Pace;
  readonly #duty: Duty;
  readonly #endings: (() => void)[];
  #history = $state.raw(RunHistory.from());
  #samples = $state.raw<readonly Sample[]>([]);
  #checkpoints = $state.raw<readonly CheckpointInfo[]>([]);
  #followed = $state<number>();
  #toFollow: (() => void) | undefined;
  #layers = $state.raw<readonly LayerInfo[]>([]);
  #totalUpdates = $state<number>();
  #baselines = $state.raw<readonly Baseline[]>([]);
  #criterion = $state.raw<Criterion>();
  #loaded = $state(false);
  #closed = false;

  /** `duty`: of what looks into checkpoints. */
  constructor(id: string, connection: ProgramConnection, pace: Pace, duty = new Duty()) {
    this.id = id;
    this.#duty = duty;
    this.#connection = connection;
    this.#pace = pace;
    this.#endings = [
      connection.on('runs.progress', (told) => {
        if (told.id === id && this.#loaded && this.#history.append(told.progress)) this.#changed();
      }),
      connection.on('runs.evaluated', (told) => {
        if (told.id !== id || !this.#loaded) return;
        this.#history.appendEvaluation(told);
        this.#changed();
      }),
      connection.on('runs.sample', (told) => {
        if (told.id === id) this.#samples = [...this.#samples, told.sample].slice(-MOST_SAMPLES);
      }),
      connection.on('runs.changed', (told) => {
        if (told.id === id && !told.removed && this.#loaded) void this.#followBack();
      }),
      connection.on('runs.checkpoint', (checkpoint) => {
        if (checkpoint.run === id) this.putCheckpoint(checkpoint);
      }),
    ];
  }

  /** The course so far, another object whenever it has gone on. */
  get history(): RunHistory {
    return this.#history;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  /** Oldest first. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** By update, ascending. */
  get checkpoints(): readonly CheckpointInfo[] {
    return this.#checkpoints;
  }

  /** The update of the checkpoint that views of a training run look into: the newest, as often as looking allows. */
  get followed(): number | undefined {
    return this.#followed;
  }

  /** As its experiment says; undefined until that has been checked. The run itself knows only once it has started. */
  get totalUpdates(): number | undefined {
    return this.#totalUpdates;
  }

  get layers(): readonly LayerInfo[] {
    return this.#layers;
  }

  /** What trivial predictors reach on the same validation part. */
  get baselines(): readonly Baseline[] {
    return this.#baselines;
  }

  /** Of a benchmark: what it asks. */
  get criterion(): Criterion | undefined {
    return this.#criterion;
  }

  /** Reads everything. `experiment`: the run's own. */
  async load(experiment: unknown): Promise<void> {
    const { api } = this.#connection;
    const { id } = this;
    const [history, samples, checkpoints] = await Promise.all([
      api.runs.history({ id, points: HISTORY_POINTS }),
      api.runs.samples({ id }),
      api.checkpoints.list({ run: id }),
    ]);
    if (this.#closed) return;
    if (history.ok) this.#history = RunHistory.from(history.value);
    if (samples.ok) this.#samples = samples.value;
    if (checkpoints.ok) this.#checkpoints = byUpdate(checkpoints.value);
    this.#followed = this.#checkpoints.at(-1)?.update;
    this.#loaded = history.ok;
    const [size, task] = await Promise.all([
      api.experiments.check({ experiment }),
      api.tasks.describe({ task: readExperiment(experiment).task }),
    ]);
    if (this.#isClosed()) return;
    if (size.ok) {
      this.#layers = size.value.layers;
      this.#totalUpdates = size.value.totalUpdates;
    }
    if (task.ok) {
      this.#baselines = task.value.baselines;
      this.#criterion = task.value.criterion ?? undefined;
    }
  }

  putCheckpoint(checkpoint: CheckpointInfo): void {
    const others = this.#checkpoints.filter(({ update }) => update !== checkpoint.update);
    // There is one best: where a new one is told, the one before is it no more.
    const rest = checkpoint.best ? others.map((other) => (other.best ? { ...other, best: false } : other)) : others;
    this.#checkpoints = byUpdate([...rest, checkpoint]);
    this.#toFollow?.();
    this.#toFollow = this.#duty.whenRested(() => {
      this.#duty.rest(FOLLOWING_INTERVAL);
      this.#followed = this.#checkpoints.at(-1)?.update;
    });
  }

  dropCheckpoint(update: number): void {
    this.#checkpoints = this.#checkpoints.filter((checkpoint) => checkpoint.update !== update);
    if (this.#followed === update) this.#followed = this.#checkpoints.at(-1)?.update;
  }

  close(): void {
    this.#closed = true;
    this.#pace.cancel(this);
    this.#toFollow?.();
    for (const end of this.#endings) end();
  }

  /** A run that goes on from an earlier checkpoint has another course from there on. */
  async #followBack(): Promise<void> {
    const run = await this.#connection.api.runs.get({ id: this.id });
    const known = this.#history.update.values.at(-1) ?? 0;
    if (run.ok && run.value.progress.update < known && !this.#closed) await this.load(run.value.experiment);
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #changed(): void {
    this.#pace.ask(this, () => (this.#history = this.#history.renewed()));
  }
}

function byUpdate(checkpoints: readonly CheckpointInfo[]): CheckpointInfo[] {
  return [...checkpoints].sort((a, b) => a.update - b.update);
}
