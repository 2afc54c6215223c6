/** In the worker: checkpoints of runs, opened once and kept while there is room. */
import type { CoreModule } from '../../engine/core/core.ts';
import { loadCore } from '../../engine/core/load.ts';
import { UnrolledError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { exampleOf } from '../../engine/exports/example.ts';
import { readCheckpoint, type FloatTensors } from '../../engine/formats/checkpoint.ts';
import { IMPORTED } from '../../engine/tasks/imported.ts';
import { restoreCodec } from '../../engine/tasks/restore.ts';
import type { TaskCodec, TaskInput, TaskKind, TaskOutput, TaskState } from '../../engine/tasks/task.ts';
import { keyText, NOT_OPEN, type ModelKey } from './model-key.ts';
import { coreFiles } from './core-files.ts';

/** What the page is told of a model. */
export interface ModelFacts {
  readonly key: ModelKey;
  readonly experiment: Experiment;
  readonly kind: TaskKind;
  readonly input: TaskInput;
  readonly output: TaskOutput;
  readonly conditions: readonly string[];
  /** What a person may type as its input, one sentence with an example. */
  readonly inputForm: string;
  /** What a model that came without data reads until a person types something: JSON; null where there are data. */
  readonly sample: string | null;
}

export interface OpenedModel {
  readonly key: ModelKey;
  readonly experiment: Experiment;
  readonly codec: TaskCodec;
  /** By PyTorch's names. */
  readonly weights: FloatTensors;
  readonly name: string;
}

/** Bytes of weights that are kept. */
const ROOM = 256 * 1024 * 1024;

export class Models {
  readonly #opened = new Map<string, OpenedModel>();
  #core: Promise<CoreModule> | undefined;

  /** The core on one thread, loaded once. */
  core(): Promise<CoreModule> {
    this.#core ??= loadCore(coreFiles, { shared: false });
    return this.#core;
  }

  /** `bytes`: of the checkpoint's file. Throws FormatError where they are damaged. */
  open(key: ModelKey, bytes: Uint8Array): ModelFacts {
    const name = `the checkpoint at update ${key.update}`;
    const { experiment, taskState, model } = readCheckpoint(bytes, name);
    // Views of the file would keep the optimizer's state too.
    const weights = new Map([...model].map(([tensor, { shape, data }]) => [tensor, { shape, data: data.slice() }]));
    const opened = { key, experiment, codec: restoreCodec(taskState), weights, name };
    this.#opened.set(keyText(key), opened);
    this.#makeRoom();
    return factsOf(opened, taskState);
  }

  /** Throws where it is not open (any more): the page opens it again. */
  get(key: ModelKey): OpenedModel {
    const text = keyText(key);
    const opened = this.#opened.get(text);
    if (opened === undefined) throw new UnrolledError(NOT_OPEN, `The model at update ${key.update} is not open.`);
    this.#opened.delete(text);
    this.#opened.set(text, opened);
    return opened;
  }

  #makeRoom(): void {
    let kept = 0;
    for (const [text, model] of [...this.#opened].reverse()) {
      kept += [...model.weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
      if (kept > ROOM && this.#opened.size > 1) this.#opened.delete(text);
    }
  }
}

function sampleOf(codec: TaskCodec, taskState: TaskState): string {
  const { encoded, symbols, label } = exampleOf({ codec, taskState });
  if (label !== undefined) return JSON.stringify({ label });
  if (encoded.values === undefined) return JSON.stringify(symbols);
  const { steps, values } = encoded;
  const width = values.length / steps;
  return JSON.stringify(
    Array.from({ length: steps }, (_, t) =>
      Array.from(values.subarray(t * width, (t + 1) * width), (value) => Number(value.toFixed(2))),
    ),
  );
}

function factsOf({ key, experiment, codec }: OpenedModel, taskState: TaskState): ModelFacts {
  const sample = experiment.task.id === IMPORTED ? sampleOf(codec, taskState) : null;
  const { kind, input, output, conditions, inputForm } = codec;
  return { key, experiment, kind, input, output, conditions: conditions ?? [], inputForm, sample };
}
