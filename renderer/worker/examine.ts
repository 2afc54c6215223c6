/** In the worker: one sequence through one layer of a model, every part of its cells recorded. */
import type { CellKind } from '../../engine/layers/cells.ts';
import { specFor } from '../../engine/models/from-experiment.ts';
import { buildRecurrentModel, type RecurrentModel } from '../../engine/models/recurrent-model.ts';
import { outputWidth, stagedBuffers } from '../../engine/models/staging.ts';
import type { Example } from '../../engine/tasks/examples.ts';
import { IGNORED } from '../../engine/tasks/task.ts';
import { writeParameter } from '../../engine/team/parameters.ts';
import { COMMANDS } from '../../engine/team/replica.ts';
import { Team } from '../../engine/team/team.ts';
import { traceNames, traceView } from '../../engine/team/traces.ts';
import type { PartName } from '../views/gates/geometry.ts';
import type { ModelKey } from './model-key.ts';
import type { Models, OpenedModel } from './models.ts';
import type { Reading, Recording } from './recording.ts';
import { readingOf, readSource, type Source } from './source.ts';

export interface Examined {
  readonly reading: Reading;
  readonly original: Recording;
  readonly changed: Recording | undefined;
}

export interface ExamineArgs {
  readonly key: ModelKey;
  readonly source: Source;
  readonly layer: number;
  readonly reverse: boolean;
  readonly held: string;
}

const SGD = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;

export async function examine(models: Models, args: ExamineArgs): Promise<Examined> {
  const model = models.get(args.key);
  const example = readSource(args.source, model.codec);
  const original = await record(models, model, example, args);
  return { reading: readingOf(example, model.codec), original, changed: undefined };
}

async function record(
  models: Models,
  { experiment, codec, weights }: OpenedModel,
  example: Example,
  { layer, reverse }: ExamineArgs,
): Promise<Recording> {
  const spec = specFor(experiment, codec, {
    steps: example.steps,
    batchSize: 1,
    lengths: false,
    stateful: false,
    trace: true,
  });
  const core = await models.core();
  const team = await Team.start({ core, spec, build: buildRecurrentModel, batchSize: 1, threads: 1, optimizer: SGD });
  const network: RecurrentModel = team.layout.placed[0]!.network;
  for (const parameter of team.layout.parameters.list) {
    const tensor = weights.get(parameter.name);
    if (tensor) writeParameter(team.core.f32, parameter, tensor.data);
  }
  team.run(COMMANDS.refresh);
  const buffers = stagedBuffers(team.core, spec, network.staging);
  if (example.tokens) buffers.tokens?.set(example.tokens);
  if (example.values) buffers.values?.set(example.values);
  buffers.lengths.fill(example.steps);
  buffers.conditions?.fill(example.condition ?? 0);
  buffers.targetLabels?.fill(IGNORED);
  if (example.targetLabels) buffers.targetLabels?.set(example.targetLabels);
  if (example.targetValues) buffers.targetValues?.set(example.targetValues);
  const { control } = team;
  control.setWord('steps', example.steps);
  control.setWord('columns', 1);
  control.setWord('training', 0);
  control.setWord('continues', 0);
  team.run(COMMANDS.forward);
  network.giveOutputs({ core: team.core, steps: example.steps });
  const at = network.staging.outputs / 4;
  const rows = spec.output.per === 'step' ? example.steps : 1;
  const outputs = team.core.f32.slice(at, at + rows * outputWidth(spec));
  const prefix = `recurrent.l${layer}${reverse ? '.reverse' : ''}.`;
  const parts: Partial<Record<PartName, Float32Array>> = {};
  for (const name of traceNames(team)) {
    if (name.startsWith(prefix) && !name.endsWith('.gradient')) {
      parts[name.slice(prefix.length) as PartName] = traceView(team, name).toArray();
    }
  }
  return {
    steps: example.steps,
    units: spec.hiddenSize,
    parts: { ...parts, ...between(parts, spec.cell, spec.hiddenSize, reverse) },
    gradients: undefined,
    outputs,
    outputWidth: outputWidth(spec),
    loss: null,
  };
}

type Parts = Partial<Record<PartName, Float32Array>>;

/** What gates and states make on the way from one step to the next, element by element. */
function between(parts: Parts, cell: CellKind, units: number, reverse: boolean): Parts {
  const { forget, input, candidate, update, reset, recurrent, cell: state, hidden } = parts;
  if (hidden === undefined) return {};
  const hiddenBefore = shifted(hidden, units, reverse);
  if (cell === 'lstm' && forget && input && candidate && state) {
    const cellBefore = shifted(state, units, reverse);
    return {
      hiddenBefore,
      cellBefore,
      kept: combined(forget, cellBefore, (f, c) => f * c),
      written: combined(input, candidate, (i, g) => i * g),
      squashed: state.map((c) => Math.tanh(c)),
    };
  }
  if (cell === 'gru' && update && candidate && reset && recurrent) {
    const complement = update.map((z) => 1 - z);
    return {
      hiddenBefore,
      complement,
      kept: combined(update, hiddenBefore, (z, h) => z * h),
      written: combined(complement, candidate, (rest, n) => rest * n),
      resetRecurrent: combined(reset, recurrent, (r, q) => r * q),
    };
  }
  return { hiddenBefore };
}

function combined(a: Float32Array, b: Float32Array, combine: (a: number, b: number) => number): Float32Array {
  return a.map((value, i) => combine(value, b[i]!));
}

/** Each step's value at the step after it; zeros where the sequence begins. */
function shifted(values: Float32Array, units: number, reverse: boolean): Float32Array {
  const moved = new Float32Array(values.length);
  if (reverse) moved.set(values.subarray(units));
  else moved.set(values.subarray(0, values.length - units), units);
  return moved;
}
