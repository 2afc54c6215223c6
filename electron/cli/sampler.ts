/** Grows samples from a model, of a checkpoint or of a session between two updates. */
import type { CoreModule } from '../../engine/core/core.ts';
import { InputError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { checkModelSuitsTask } from '../../engine/experiment/plan.ts';
import type { FloatTensors } from '../../engine/formats/checkpoint.ts';
import type { JsonValue } from '../../engine/json.ts';
import { grow, SAMPLING } from '../../engine/models/generate.ts';
import { Predictor } from '../../engine/models/predictor.ts';
import { Random } from '../../engine/random.ts';
import type { TaskCodec } from '../../engine/tasks/task.ts';

/** Steps of a prompt that are read at once. */
const PROMPT_STEPS = 64;

export interface Sample {
  /** The label it was grown from, where the task has them. */
  readonly label?: string;
  /** The prompt, where one was given, and what the model made of it. */
  readonly text: string;
}

export interface SampleRequest {
  readonly label?: string | undefined;
  /** First symbols of the sequence. */
  readonly prompt?: string | undefined;
  /** The most symbols to grow. */
  readonly length: number;
  readonly temperature: number;
  readonly topK: number;
  readonly seed: number;
  /** Which of many samples with the same seed. */
  readonly item?: number;
}

export function canGrow({ kind }: Pick<TaskCodec, 'kind'>): boolean {
  return kind === 'language' || kind === 'generation';
}

export interface SamplerOptions {
  readonly core: CoreModule;
  readonly experiment: Experiment;
  readonly codec: TaskCodec;
  readonly weights: FloatTensors;
  /** Named in errors about the weights. */
  readonly sourceName: string;
}

export class Sampler {
  readonly #predictor: Predictor;
  readonly #codec: TaskCodec;

  /** Throws InputError where the task is none of sequences that can be grown. */
  static async load({ core, experiment, codec, weights, sourceName }: SamplerOptions): Promise<Sampler> {
    if (!canGrow(codec)) {
      throw new InputError(
        `${sourceName} was trained on ${experiment.task.id}, a ${codec.kind} task; samples are grown from language ` +
          `and generation tasks`,
        'unrolled predict gives its answers to your own input',
      );
    }
    checkModelSuitsTask(experiment, { ...codec, id: experiment.task.id });
    const predictor = await Predictor.load({
      core,
      experiment,
      task: codec,
      weights,
      steps: PROMPT_STEPS,
      sourceName,
    });
    return new Sampler(predictor, codec);
  }

  private constructor(predictor: Predictor, codec: TaskCodec) {
    this.#predictor = predictor;
    this.#codec = codec;
  }

  /** Of the same model after further updates. */
  setWeights(weights: FloatTensors, sourceName: string): void {
    this.#predictor.setWeights(weights, sourceName);
  }

  /** Throws InputError where the model cannot read the prompt or the label: before anything is written. */
  check(request: Pick<SampleRequest, 'label' | 'prompt'>): void {
    this.#codec.encode(this.#input(request));
  }

  /** The symbols that follow the prompt, one after the other. */
  *grow(request: SampleRequest): Generator<string, void> {
    const random = new Random(request.seed, SAMPLING, request.item ?? 0);
    yield* grow(this.#predictor, this.#codec, this.#input(request), { ...request, random });
  }

  sample(request: SampleRequest): Sample {
    const { label, prompt = '' } = request;
    const text = prompt + [...this.grow(request)].join('');
    return label === undefined ? { text } : { label, text };
  }

  #input({ label, prompt }: Pick<SampleRequest, 'label' | 'prompt'>): JsonValue {
    const { kind, conditions = [], input } = this.#codec;
    if (kind === 'generation') {
      return { label: label ?? conditions[0] ?? '', start: prompt ?? '' };
    }
    if (label !== undefined) {
      throw new InputError('this model grows text from a prompt and has no labels; leave the label out');
    }
    if (prompt !== undefined && prompt !== '') {
      return prompt;
    }
    // Text begins as after a line break, where the model knows line breaks.
    const symbols = input.kind === 'tokens' ? input.symbols : [];
    return symbols.includes('\n') ? '\n' : (symbols.find((symbol) => !symbol.startsWith('<')) ?? '');
  }
}
