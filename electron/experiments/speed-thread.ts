/** A worker thread's entry: trains a model on made-up batches for a moment and tells how fast that went. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadCore } from '../../engine/core/load.ts';
import { initialiseParameters } from '../../engine/models/initialise.ts';
import { buildModel } from '../../engine/models/build.ts';
import type { Model } from '../../engine/models/model.ts';
import type { ModelSpec } from '../../engine/models/spec.ts';
import { stagedBuffers } from '../../engine/models/staging.ts';
import type { OptimizerSpec } from '../../engine/team/optimizer.ts';
import { COMMANDS } from '../../engine/team/replica.ts';
import { Team } from '../../engine/team/team.ts';
import { coreFiles } from '../core/core-files.ts';
import { switchRevectorizerOn } from '../core/revectorizer.ts';
import { startModelThread } from '../core/threads.ts';

export interface Shape {
  readonly spec: ModelSpec;
  readonly optimizer: OptimizerSpec;
  readonly threads: number;
}

/** Milliseconds until the code is compiled, and of the measurement itself. */
const WARM_UP = 80;
const MEASURED = 200;

const { spec, optimizer, threads } = workerData as Shape;
const revectorized = switchRevectorizerOn();
const core = await loadCore(coreFiles, { shared: threads > 1, revectorized });
const team = await Team.start({
  core,
  spec,
  build: buildModel,
  batchSize: spec.batchSize,
  threads,
  optimizer,
  startThread: startModelThread,
});
prepare(team);
trainFor(WARM_UP);
const { updates, milliseconds } = trainFor(MEASURED);
parentPort?.postMessage((updates * (spec.steps + spec.sourceSteps) * spec.batchSize * 1000) / milliseconds);
await team.stop();

/** Full batches whose symbols take turns. */
function prepare({ core: instance, layout, control }: Team<Model>): void {
  initialiseParameters(core, instance, layout.parameters.list, spec.seed);
  const staging = layout.placed[0]?.network.staging;
  if (!staging) throw new Error('A team has at least one thread.');
  const buffers = stagedBuffers(instance, spec, staging);
  const { input, output, steps, sourceSteps, batchSize } = spec;
  buffers.lengths.fill(steps);
  buffers.sourceLengths?.fill(sourceSteps);
  if (input.kind === 'tokens') {
    buffers.sourceTokens?.forEach((_, i, tokens) => (tokens[i] = i % input.symbols));
    // A translator's decoder is fed what it writes.
    const fed = sourceSteps > 0 && output.kind === 'labels' ? output.count : input.symbols;
    buffers.tokens?.forEach((_, i, tokens) => (tokens[i] = i % fed));
  }
  if (output.kind === 'labels') buffers.targetLabels?.forEach((_, i, labels) => (labels[i] = i % output.count));
  control.setWord('steps', steps);
  control.setWord('sourceSteps', sourceSteps);
  control.setWord('columns', batchSize);
  control.setWord('training', 1);
  control.setWord('continues', 0);
  control.setValue('lossScale', 1 / (buffers.targetLabels ?? buffers.targetValues ?? buffers.lengths).length);
  control.setValue('dropout', spec.dropout ? 0.1 : 0);
  control.setValue('learningRate', 1e-4);
  control.setValue('clipNorm', 1);
  control.setValue('teacherForcing', 1);
  team.run(COMMANDS.refresh);
}

/** At least one update. */
function trainFor(least: number): { readonly updates: number; readonly milliseconds: number } {
  const start = performance.now();
  for (let updates = 1; ; updates++) {
    team.control.setWord('update', updates);
    team.run(COMMANDS.train);
    const milliseconds = performance.now() - start;
    if (milliseconds >= least) return { updates, milliseconds };
  }
}
