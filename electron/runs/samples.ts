/** What a model says as it learns, taken at each evaluation from the session's weights. */
import type { CoreModule } from '../../engine/core/core.ts';
import type { JsonValue } from '../../engine/json.ts';
import { grow, SAMPLING } from '../../engine/models/generate.ts';
import { Predictor } from '../../engine/models/predictor.ts';
import { Random } from '../../engine/random.ts';
import { buffersForOne } from '../../engine/tasks/examples.ts';
import { BLANK } from '../../engine/tasks/aligned.ts';
import { argmax } from '../../engine/tasks/evaluation.ts';
import { judgeLegal } from '../../engine/tasks/legal-next.ts';
import { IGNORED } from '../../engine/tasks/task.ts';
import type { BatchBuffers, Evaluation, SequenceSet, Task } from '../../engine/tasks/task.ts';
import type { Session } from '../../engine/training/session.ts';
import type { Sample } from '../api/samples.ts';

/** Symbols of a text, and of a grown item. */
const TEXT_LENGTH = 200;
const ITEM_LENGTH = 40;
/** Items in one sample. */
const ITEMS = 12;
const TEMPERATURE = 0.8;
/** Steps of a prompt that are read at once. */
const PROMPT_STEPS = 64;

type Item = Extract<Sample, { kind: 'items' }>['value']['items'][number];

/** Takes samples of one session. */
export class Sampler {
  readonly #session: Session;
  /** None for translations, whose evaluations bring their decodings along. */
  readonly #predictor: Predictor | undefined;

  static async load(core: CoreModule, session: Session): Promise<Sampler> {
    const { experiment, task } = session;
    if (task.kind === 'translation') return new Sampler(session, undefined);
    const { validation } = task;
    const steps = validation.form === 'set' && task.kind !== 'generation' ? validation.maxSteps : PROMPT_STEPS;
    const weights = session.parameters();
    const predictor = await Predictor.load({ core, experiment, task, weights, steps, sourceName: 'the session' });
    return new Sampler(session, predictor);
  }

  private constructor(session: Session, predictor: Predictor | undefined) {
    this.#session = session;
    this.#predictor = predictor;
  }

  /** `evaluation`: of the weights as they are. The same update gives the same samples. */
  take(evaluation: Evaluation): readonly Sample[] {
    const { update, task } = this.#session;
    this.#predictor?.setWeights(this.#session.parameters(), 'the session');
    const samples: Sample[] = [];
    if (task.kind === 'language') {
      const prompt = opening(task);
      const text = this.#grow(prompt, TEXT_LENGTH, update);
      samples.push({ update, kind: 'text', value: { prompt: '', text, temperature: TEMPERATURE } });
    } else if (task.kind === 'generation') {
      samples.push({ update, kind: 'items', value: { items: this.#grownItems(task.conditions ?? []) } });
    } else if (evaluation.forecast) {
      const { quantity, unit, dates, truth, forecast } = evaluation.forecast;
      const value = { quantity, unit, dates: [...dates], truth: [...truth], forecast: forecast.map(finiteOrNull) };
      samples.push({ update, kind: 'forecast', value });
    } else if (task.kind === 'translation') {
      samples.push({ update, kind: 'items', value: { items: [...(evaluation.examples ?? [])] } });
    } else if (task.validation.form === 'set') {
      samples.push({ update, kind: 'items', value: { items: this.#answeredItems(task, task.validation) } });
    }
    if (evaluation.confusion) {
      const { labels, counts } = evaluation.confusion;
      samples.push({
        update,
        kind: 'confusion',
        value: { labels: [...labels], counts: counts.map((row) => [...row]) },
      });
    }
    return samples;
  }

  #grow(input: JsonValue, length: number, item: number): string {
    const { experiment, task } = this.#session;
    const random = new Random(experiment.seed, SAMPLING, item);
    const options = { length, temperature: TEMPERATURE, topK: 0, random };
    return [...grow(this.#used, task.codec, input, options)].join('');
  }

  #grownItems(conditions: readonly string[]): Item[] {
    const each = Math.max(1, Math.floor(ITEMS / conditions.length));
    return conditions.slice(0, ITEMS).flatMap((label, of) =>
      Array.from({ length: each }, (_, i) => {
        const item = (this.#session.update * conditions.length + of) * each + i;
        return { input: label, output: this.#grow({ label, start: '' }, ITEM_LENGTH, item) };
      }),
    );
  }

  get #used(): Predictor {
    if (!this.#predictor) throw new TypeError('Translations are decoded by their evaluation.');
    return this.#predictor;
  }

  /** The same items at every evaluation, spread over the validation part. */
  #answeredItems(task: Task, set: SequenceSet): Item[] {
    const shown = Math.min(ITEMS, set.count);
    const buffers = buffersForOne(task, set);
    return Array.from({ length: shown }, (_, i) =>
      this.#answer(task, set, Math.floor((i * set.count) / shown), buffers),
    );
  }

  #answer(task: Task, set: SequenceSet, item: number, buffers: BatchBuffers): Item {
    buffers.targetLabels?.fill(IGNORED);
    set.write(item, buffers, 0);
    const steps = set.stepsOf(item);
    const { input, target } = set.describe(item);
    const outputs = this.#used.run({
      steps,
      ...(buffers.tokens ? { tokens: buffers.tokens.subarray(0, steps) } : {}),
      ...(buffers.values ? { values: buffers.values.subarray(0, (steps * buffers.values.length) / set.maxSteps) } : {}),
    });
    if (task.output.kind === 'values') {
      return { input, target, output: Array.from(outputs, (value) => value.toFixed(2)).join(', ') };
    }
    const { labels } = task.output;
    const tokens = buffers.tokens?.slice(0, steps);
    if (task.legalNext && tokens && task.input.kind === 'tokens') {
      const { symbols } = task.input;
      const named = (numbers: readonly number[]): string[] => numbers.map((label) => labels[label] ?? '');
      const judged = judgeLegal(task.legalNext(tokens), outputs, labels.length).map(({ legal, first, right }, t) => {
        return { read: symbols[tokens[t]!] ?? '', legal: named(legal), first: named(first), right };
      });
      const output = judged.map(({ first }) => first[0] ?? '').join('');
      return { input, target, output, right: judged.every(({ right }) => right), steps: judged };
    }
    const asked = Array.from(buffers.targetLabels?.subarray(0, outputs.length / labels.length) ?? []);
    const answers = asked.map((_, t) => argmax(outputs, t * labels.length, labels.length));
    const right = asked.every((label, t) => label === IGNORED || label === answers[t]);
    const written = answers.filter((_, t) => asked[t] !== IGNORED).map((answer) => labels[answer] ?? '');
    // The blank that ends an aligned target is none of its symbols.
    if (labels[0] === BLANK && written.at(-1) === BLANK) written.pop();
    const output = written.join(target.includes(' ') ? ' ' : '');
    return answers.length === 1
      ? { input, target, output, right, probability: outputs[answers[0]!]! }
      : { input, target, output, right };
  }
}

/** Text begins as after a line break, where the model knows line breaks. */
function opening({ input }: Task): string {
  const symbols = input.kind === 'tokens' ? input.symbols : [];
  return symbols.includes('\n') ? '\n' : (symbols.find((symbol) => !symbol.startsWith('<')) ?? '');
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
