/** Encoder-decoders and transformers with numbers for weights, run on batches that tests write. */
import { onTestFinished } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { startModelThread } from '../../../electron/core/threads.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { PYTORCH_INITIAL } from '../../../engine/layers/cells.ts';
import { buildDecodingModel } from '../../../engine/models/build.ts';
import type { DecodingModel } from '../../../engine/models/decoding-model.ts';
import type { EncoderDecoderSpec, TransformerSpec } from '../../../engine/models/spec.ts';
import { outputSteps, outputWidth, stagedBuffers } from '../../../engine/models/staging.ts';
import { StepwiseModel } from '../../../engine/models/stepwise.ts';
import type { BatchBuffers } from '../../../engine/tasks/task.ts';
import { readParameter, writeParameter } from '../../../engine/team/parameters.ts';
import { COMMANDS, type Command } from '../../../engine/team/replica.ts';
import { Team } from '../../../engine/team/team.ts';
import { Numbers } from '../../reference/numbers.ts';

const COMMON = {
  input: { kind: 'tokens', symbols: 6 },
  output: { kind: 'labels', count: 5, per: 'step' },
  conditions: 0,
  dropout: false,
  lengths: true,
  stateful: false,
  steps: 5,
  sourceSteps: 7,
  batchSize: 3,
  seed: 9,
  trace: false,
} as const;

export function encoderDecoderSpec(changes: Partial<EncoderDecoderSpec> = {}): EncoderDecoderSpec {
  return {
    ...COMMON,
    architecture: 'encoder-decoder',
    cell: 'lstm',
    relu: false,
    hiddenSize: 9,
    layers: 1,
    bidirectional: false,
    embeddingSize: 4,
    initial: PYTORCH_INITIAL,
    attention: 'none',
    attentionSize: 0,
    ...changes,
  };
}

export function transformerSpec(changes: Partial<TransformerSpec> = {}): TransformerSpec {
  return {
    ...COMMON,
    architecture: 'transformer',
    form: 'encoder-decoder',
    modelSize: 12,
    heads: 2,
    layers: 2,
    feedForwardSize: 10,
    norm: 'pre',
    activation: 'gelu',
    positions: 'sinusoidal',
    maxPositions: 0,
    pooling: 'mean',
    ...changes,
  };
}

export class WritingModel {
  readonly spec: EncoderDecoderSpec | TransformerSpec;
  readonly team: Team<DecodingModel>;
  readonly buffers: BatchBuffers;

  /** Stopped when the test is over. */
  static async start(spec: EncoderDecoderSpec | TransformerSpec, threads = 1, scale = 0.4): Promise<WritingModel> {
    const core = await loadCore(coreFiles, { shared: threads > 1 });
    const team = await Team.start({
      core,
      spec,
      build: buildDecodingModel,
      batchSize: spec.batchSize,
      threads,
      optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
      startThread: startModelThread,
    });
    onTestFinished(() => team.stop());
    const model = new WritingModel(spec, team);
    model.#fill(scale);
    return model;
  }

  private constructor(spec: EncoderDecoderSpec | TransformerSpec, team: Team<DecodingModel>) {
    this.spec = spec;
    this.team = team;
    this.buffers = stagedBuffers(team.core, spec, team.layout.placed[0]!.network.staging);
  }

  parameter(name: string): Float32Array {
    return readParameter(this.team.core.f32, this.#named(name));
  }

  write(name: string, values: ArrayLike<number>): void {
    writeParameter(this.team.core.f32, this.#named(name), values);
    this.team.run(COMMANDS.refresh);
  }

  gradient(name: string): Float32Array {
    return readParameter(this.team.core.f32, this.#named(name), this.team.layout.placed[0]!.plan.gradientOffset);
  }

  get names(): readonly string[] {
    return this.team.layout.parameters.list.map(({ name }) => name);
  }

  /** A batch of random symbols; items are 2 to the most steps long, targets beyond them do not count. */
  stage(seed: number): void {
    const numbers = new Numbers(seed);
    const upTo = (count: number) => Math.floor(((numbers.next() + 1) / 2) * count);
    const { steps, sourceSteps, batchSize, input, output } = this.spec;
    const { buffers } = this;
    const symbols = input.kind === 'tokens' ? input.symbols : 0;
    const fed = sourceSteps > 0 ? outputWidth(this.spec) : symbols;
    const lengths = Array.from({ length: batchSize }, () => 2 + upTo(steps - 1));
    buffers.lengths.set(lengths);
    buffers.tokens?.forEach((_, i, tokens) => (tokens[i] = upTo(fed)));
    buffers.sourceTokens?.forEach((_, i, tokens) => (tokens[i] = upTo(symbols)));
    buffers.sourceLengths?.forEach((_, i, all) => (all[i] = 2 + upTo(sourceSteps - 1)));
    const perStep = output.per === 'step';
    buffers.targetLabels?.forEach((_, i, targets) => {
      const counts = !perStep || Math.floor(i / batchSize) < (lengths[i % batchSize] ?? 0);
      targets[i] = counts ? upTo(outputWidth(this.spec)) : -1;
    });
  }

  /** The loss of the staged batch. */
  run(command: Command, pass: { dropout?: number; teacherForcing?: number; update?: number } = {}): number {
    const { control, threads } = this.team;
    control.setWord('steps', this.spec.steps);
    control.setWord('sourceSteps', this.spec.sourceSteps);
    control.setWord('columns', this.spec.batchSize);
    control.setWord('training', pass.dropout === undefined && pass.teacherForcing === undefined ? 0 : 1);
    control.setWord('update', pass.update ?? 0);
    control.setWord('continues', 0);
    control.setValue('lossScale', 1);
    control.setValue('dropout', pass.dropout ?? 0);
    control.setValue('teacherForcing', pass.teacherForcing ?? 1);
    this.team.run(command);
    return control.loss(threads);
  }

  /** Row-major [T, B, V] or [B, V], of the last pass. */
  outputs(): Float32Array {
    const { core, layout } = this.team;
    for (const { network } of layout.placed) network.giveOutputs({ core, steps: this.spec.steps });
    const at = layout.placed[0]!.network.staging.outputs / 4;
    return core.f32.slice(at, at + outputSteps(this.spec) * this.spec.batchSize * outputWidth(this.spec));
  }

  stepwise(): StepwiseModel {
    return new StepwiseModel(this.team, this.spec);
  }

  #named(name: string) {
    const parameter = this.team.layout.parameters.list.find((candidate) => candidate.name === name);
    if (!parameter) throw new Error(`${name} is none of ${this.names.join(', ')}`);
    return parameter;
  }

  #fill(scale: number): void {
    const numbers = new Numbers(77);
    for (const parameter of this.team.layout.parameters.list) {
      const size = parameter.shape.reduce((product, extent) => product * extent, 1);
      const around = /norm\d?\.weight$/.test(parameter.name) ? 1 : 0;
      writeParameter(
        this.team.core.f32,
        parameter,
        numbers.matrix(1, size, scale).data.map((value) => value + around),
      );
    }
    this.team.run(COMMANDS.refresh);
  }
}
