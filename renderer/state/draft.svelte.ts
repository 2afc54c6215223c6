import type { Failure } from '../../electron/api/call.ts';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { TaskInfo } from '../../electron/api/data.ts';
import type { RunInfo } from '../../electron/api/runs.ts';
import type { Architecture, Experiment } from '../../engine/experiment/experiment.ts';
import { switchArchitecture } from '../../engine/experiment/switch-architecture.ts';
import type { JsonValue } from '../../engine/json.ts';
import type { Beginning } from './address.ts';
import type { Size } from './draft-check.ts';
import { at, withDefaults, withMember } from './experiment.ts';
import { fieldOf, refusals, type Refusals } from './refusals.ts';
import { namedBy, type Tasks } from './tasks.svelte.ts';

const CELL = 'model.cell';
const ARCHITECTURE = 'model.architecture';
const CELLS = ['rnn', 'lstm', 'gru'] as const;

/** An experiment that is being put together, and what the back says of it. */
export class Draft {
  readonly #connection: ProgramConnection;
  readonly #tasks: Tasks;
  #experiment = $state.raw<Experiment>();
  #from = $state.raw<Beginning | null>(null);
  #size = $state.raw<Size>();
  /** Of the last check. */
  #failure = $state.raw<Failure>();
  /** Of the last start; a check that ends after it says nothing of it. */
  #refusal = $state.raw<Failure>();
  #checking = $state(false);
  #starting = $state(false);
  #suggesting = $state(false);
  /** Counts the suggestions asked for, so that only the answer to the last one is taken. */
  #suggestions = 0;
  /** Counts the changes, so that an answer about an older state is not taken for one about this. */
  #changes = 0;
  #asking = false;

  constructor(connection: ProgramConnection, tasks: Tasks) {
    this.#connection = connection;
    this.#tasks = tasks;
  }

  get experiment(): Experiment | undefined {
    return this.#experiment;
  }

  /** The checkpoint whose weights it begins from; null: fresh ones. */
  get from(): Beginning | null {
    return this.#from;
  }

  get task(): TaskInfo | undefined {
    return this.#experiment === undefined ? undefined : this.#tasks.find(this.#experiment.task);
  }

  /**
   * Of this experiment, or, while a change is being checked, of the one before the change. Undefined for an experiment
   * that has just been begun, and for one that is refused.
   */
  get size(): Size | undefined {
    return this.#size;
  }

  get checking(): boolean {
    return this.#checking;
  }

  get starting(): boolean {
    return this.#starting;
  }

  /** Whether the experiment is being replaced by a suggestion: until it has come there is nothing to change or start. */
  get suggesting(): boolean {
    return this.#suggesting;
  }

  /** Why it cannot be trained: the field, where the back names one, and a sentence about it. */
  get problem():
    { readonly path: string | null; readonly text: string; readonly hint: string | undefined } | undefined {
    const failure = this.#refusal ?? this.#failure;
    return failure && { ...fieldOf(failure.message), hint: failure.hint };
  }

  readonly refusals: Refusals = $derived.by(() => {
    const { task } = this;
    return this.#experiment === undefined || task === undefined ? {} : refusals(this.#experiment, task);
  });

  /** Begins with what is sensible for the task (a `taskKey`). Returns the failure where it is not known. */
  async suggest(task: string, cell: string | null = null): Promise<Failure | undefined> {
    const suggestion = ++this.#suggestions;
    this.#suggesting = true;
    this.#forget();
    const known = CELLS.find((one) => one === cell);
    const suggested = await this.#connection.api.experiments.suggest({
      ...namedBy(task),
      ...(known === undefined ? {} : { cell: known }),
    });
    if (suggestion !== this.#suggestions) return undefined;
    this.#suggesting = false;
    this.#from = null;
    this.#experiment = suggested.ok ? (suggested.value.experiment as Experiment) : undefined;
    if (!suggested.ok) return suggested.error;
    if (cell !== null && cell !== at(this.#experiment, CELL)) this.set(CELL, cell);
    else this.#changed();
    return undefined;
  }

  /** Begins with the experiment of a run, and with its weights at a checkpoint where `from` names one. */
  copy(experiment: Experiment, from: Beginning | null): void {
    this.#suggestions++;
    this.#suggesting = false;
    this.#forget();
    this.#from = from;
    // It names the run that it is copied from; this one will be named after its own settings.
    this.#experiment = withMember(experiment, 'name', undefined);
    this.#changed();
  }

  /** Sets the member at a path; undefined leaves it out, so that it takes its default. */
  set(path: string, value: unknown): void {
    if (this.#experiment === undefined || this.#suggesting) return;
    let next = withMember(this.#experiment, path, value);
    // The members of another kind do not belong to this one.
    if (path === 'training.optimizer.kind') next = withMember(next, 'training.optimizer', { kind: value });
    if (path === 'training.schedule.kind') {
      const { warmup } = next.training.schedule;
      next = withMember(
        next,
        'training.schedule',
        value === 'step' ? { kind: value, warmup, every: 1000 } : { kind: value, warmup },
      );
    }
    if (path === ARCHITECTURE) {
      const { model } = this.#experiment;
      next = withMember(next, 'model', switchArchitecture(plain(model), value as Architecture));
      next = withMember(next, 'training.teacherForcing', undefined);
    }
    // Sizes that follow from others follow from the new ones.
    if (path === 'model.attention') next = withMember(next, 'model.attentionSize', undefined);
    if (path === 'model.positions') next = withMember(next, 'model.maxPositions', undefined);
    if (path === CELL) {
      next = withMember(next, 'model.nonlinearity', undefined);
      next = withMember(next, 'model.init.forgetBias', undefined);
      next = withMember(next, 'model.init.chronoSteps', undefined);
    }
    if (path === 'training.epochs' && value !== undefined) next = withMember(next, 'training.updates', undefined);
    if (path === 'training.updates' && value !== undefined) next = withMember(next, 'training.epochs', undefined);
    this.#experiment = withDefaults(next);
    this.#changed();
  }

  /** Creates the run and starts it. Undefined where the back refuses; `problem` then says why. */
  async start(name?: string): Promise<RunInfo | undefined> {
    if (this.#experiment === undefined || this.#suggesting || this.#starting) return undefined;
    this.#starting = true;
    this.#refusal = undefined;
    const result = await this.#connection.api.runs.create({
      experiment: this.#experiment,
      start: true,
      ...(name === undefined || name === '' ? {} : { name }),
      ...(this.#from === null ? {} : { from: this.#from }),
    });
    this.#starting = false;
    if (result.ok) return result.value;
    this.#refusal = result.error;
    return undefined;
  }

  /** What was known of the experiment before says nothing of the one that takes its place. */
  #forget(): void {
    this.#changes++;
    this.#size = undefined;
    this.#failure = undefined;
    this.#refusal = undefined;
  }

  #changed(): void {
    this.#refusal = undefined;
    this.#changes++;
    if (!this.#asking) void this.#ask();
  }

  /** One question at a time, and after an answer that has been overtaken the next. */
  async #ask(): Promise<void> {
    this.#asking = true;
    this.#checking = true;
    let asked: number;
    do {
      asked = this.#changes;
      const result = await this.#connection.api.experiments.check({ experiment: this.#experiment });
      if (asked !== this.#changes) continue;
      this.#failure = result.ok ? undefined : result.error;
      this.#size = result.ok ? result.value : undefined;
      if (result.ok) this.#experiment = result.value.experiment as Experiment;
    } while (asked !== this.#changes && !this.#suggesting && this.#experiment !== undefined);
    this.#checking = false;
    this.#asking = false;
  }
}

/** A model's section as the JSON that it came as. */
function plain(model: Experiment['model']): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(Object.entries(model));
}
