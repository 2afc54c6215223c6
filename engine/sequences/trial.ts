/** A small model trained a little at a time, which answers at any moment. */
import type { CoreModule } from '../core/core.ts';
import { InputError } from '../errors.ts';
import { Predictor } from '../models/predictor.ts';
import { Translator } from '../models/translator.ts';
import type { EncodedInput, SequenceSet, Task } from '../tasks/task.ts';
import { Session } from '../training/session.ts';
import { answerWith, ROOM, type SequenceAnswer } from './answer.ts';
import { planTrial, type TrialName } from './trials.ts';

/** How far it is. */
export interface TrialState {
  readonly name: TrialName;
  readonly update: number;
  readonly updates: number;
  /** Numbers that are trained. */
  readonly parameters: number;
  /** Of training alone. */
  readonly seconds: number;
  /** Steps of real items, those of a source not counted. */
  readonly tokensPerSecond: number;
  /** Mean of the newest updates, nats; null before the first. */
  readonly loss: number | null;
}

export interface HeldOut {
  readonly input: string;
  readonly target: string;
  readonly output: string;
  readonly right: boolean;
}

/** What it makes of items that it has not been trained on, where the task can hold any out. */
export interface TrialMeasure {
  readonly update: number;
  readonly seconds: number;
  readonly right: number;
  readonly asked: number;
  readonly items: readonly HeldOut[];
  /** By steps of the source, ascending. */
  readonly lengths: readonly { readonly steps: number; readonly right: number; readonly asked: number }[];
}

/** Symbols that may be written beyond the longest target: what has not learnt to end does not go on for ever. */
const BEYOND = 4;
/** Updates whose loss is told. */
const RECENT = 20;
const SHOWN = 6;

export class Trial {
  readonly name: TrialName;
  readonly task: Task;
  readonly #core: CoreModule;
  readonly #session: Session;
  readonly #recent: number[] = [];
  #seconds = 0;
  #tokens = 0;
  #answering: Predictor | Translator | undefined;
  #answersAt = -1;

  static async start(core: CoreModule, name: TrialName): Promise<Trial> {
    const { task, experiment } = planTrial(name);
    return new Trial(core, name, task, await Session.start({ core, experiment, task, threads: 1 }));
  }

  private constructor(core: CoreModule, name: TrialName, task: Task, session: Session) {
    this.#core = core;
    this.name = name;
    this.task = task;
    this.#session = session;
  }

  get finished(): boolean {
    return this.#session.finished;
  }

  get state(): TrialState {
    const { update, plan, parameterCount } = this.#session;
    const sum = this.#recent.reduce((a, b) => a + b, 0);
    return {
      name: this.name,
      update,
      updates: plan.totalUpdates,
      parameters: parameterCount,
      seconds: this.#seconds,
      tokensPerSecond: this.#seconds > 0 ? this.#tokens / this.#seconds : 0,
      loss: this.#recent.length > 0 ? sum / this.#recent.length : null,
    };
  }

  /** Updates for about so many milliseconds, at least one. */
  train(milliseconds: number): TrialState {
    const begun = performance.now();
    let now = begun;
    while (!this.finished && (now === begun || now - begun < milliseconds)) {
      const { loss, tokens } = this.#session.step();
      this.#tokens += tokens;
      this.#recent.push(loss);
      if (this.#recent.length > RECENT) this.#recent.shift();
      now = performance.now();
    }
    this.#seconds += (now - begun) / 1000;
    return this.state;
  }

  /** Exactly so many updates, for what must come out the same every time. */
  trainUpdates(count: number): TrialState {
    for (let i = 0; i < count && !this.finished; i++) this.train(0);
    return this.state;
  }

  /** Of what a person typed. Throws InputError where the task cannot take it. */
  async answer(typed: string): Promise<SequenceAnswer> {
    const { codec } = this.task;
    const text = typed.trim();
    const encoded = codec.encode(codec.kind === 'generation' ? { label: text } : text);
    if (encoded.steps === 0) throw new InputError('There is nothing to read; type at least one symbol.');
    if (encoded.steps > ROOM)
      throw new InputError(`The input has ${encoded.steps} symbols; up to ${ROOM} are read here.`);
    if (this.name === 'shape-one-to-one' && encoded.steps !== 1) {
      throw new InputError(`The input has ${encoded.steps} symbols; this shape takes one.`);
    }
    return this.#answer(encoded, text);
  }

  /** Answers items of the validation part, at most so many, spread over all of it. */
  async measure(most: number): Promise<TrialMeasure> {
    const set = this.task.validation as SequenceSet;
    const { update } = this.#session;
    const asked = Math.min(most, set.count);
    const stride = set.count / asked;
    const items: HeldOut[] = [];
    const lengths = new Map<number, { steps: number; right: number; asked: number }>();
    for (let n = 0; n < asked; n++) {
      const { input, target } = set.describe(Math.floor(n * stride));
      const answer = await this.answer(input);
      const output = answer.output.join(this.#separator);
      const right = output === target;
      items.push({ input, target, output, right });
      const steps = answer.input.length;
      const length = lengths.get(steps) ?? { steps, right: 0, asked: 0 };
      length.asked++;
      length.right += right ? 1 : 0;
      lengths.set(steps, length);
    }
    const shown = items.filter((_, n) => n % Math.max(1, Math.floor(asked / SHOWN)) === 0).slice(0, SHOWN);
    return {
      update,
      seconds: this.#seconds,
      right: items.filter(({ right }) => right).length,
      asked,
      items: shown,
      lengths: [...lengths.values()].sort((a, b) => a.steps - b.steps),
    };
  }

  async stop(): Promise<void> {
    await this.#session.stop();
  }

  /** Between symbols, as the task's own items are written. */
  get #separator(): string {
    return this.name === 'shape-aligned' ? ' ' : '';
  }

  async #answer(encoded: EncodedInput, text: string): Promise<SequenceAnswer> {
    return answerWith(await this.#current(), this.task.codec, encoded, text);
  }

  /** What answers, with the newest weights. */
  async #current(): Promise<Predictor | Translator> {
    const { update, experiment } = this.#session;
    const weights = this.#session.parameters();
    const sourceName = 'the model in training';
    if (this.#answering === undefined) {
      const common = { core: this.#core, experiment, weights, sourceName, steps: ROOM };
      const { codec } = this.task;
      this.#answering =
        codec.kind === 'translation'
          ? await Translator.load({
              ...common,
              codec,
              sourceSteps: ROOM,
              steps: (this.task.validation as SequenceSet).maxSteps + BEYOND,
              beams: 1,
            })
          : await Predictor.load({ ...common, task: codec });
    } else if (this.#answersAt !== update) {
      this.#answering.setWeights(weights, sourceName);
    }
    this.#answersAt = update;
    return this.#answering;
  }
}
