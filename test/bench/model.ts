/** This project's models with attention at work. Arguments: name of the case, threads, and which build. */
import { coreFiles } from '../../electron/core/core-files.ts';
import { switchRevectorizerOn } from '../../electron/core/revectorizer.ts';
import { startModelThread } from '../../electron/core/threads.ts';
import type { BuildName } from '../../engine/core/core.ts';
import { loadCore } from '../../engine/core/load.ts';
import { buildDecodingModel } from '../../engine/models/build.ts';
import { decodeOne } from '../../engine/models/decode.ts';
import type { DecodingModel } from '../../engine/models/decoding-model.ts';
import { stagedBuffers } from '../../engine/models/staging.ts';
import { StepwiseModel } from '../../engine/models/stepwise.ts';
import { writeParameter } from '../../engine/team/parameters.ts';
import { COMMANDS } from '../../engine/team/replica.ts';
import { Team } from '../../engine/team/team.ts';
import { modelCaseNamed } from './flags.ts';
import { STRIDES, type ModelCase } from './model-cases.ts';
import { measurePeak } from './peak.ts';
import { serveRounds } from './protocol.ts';
import { ADAM, CLIP_NORM, modelWeights } from './workload.ts';

const [name = '', threads = '1', build = 'best'] = process.argv.slice(2);
const modelCase = modelCaseNamed(name);
const { spec } = modelCase;
if (build === 'revectorized' || build.startsWith('wide')) switchRevectorizerOn();
const core = await loadCore(coreFiles, {
  shared: Number(threads) > 1,
  revectorized: build === 'revectorized',
  ...(build === 'best' || build === 'revectorized' ? {} : { build: build as BuildName }),
});
const team = await Team.start({
  core,
  spec,
  build: buildDecodingModel,
  batchSize: spec.batchSize,
  threads: Math.min(Number(threads), spec.batchSize),
  optimizer: { kind: 'adam', beta1: ADAM.beta1, beta2: ADAM.beta2, eps: ADAM.eps, weightDecay: 0 },
  startThread: startModelThread,
});
const parameters = team.layout.parameters.list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
for (const [k, parameter] of parameters.entries()) {
  writeParameter(team.core.f32, parameter, modelWeights(parameter.name, parameter.shape, k));
}
const step = modelCase.work === 'train' ? training(team, modelCase) : decoding(team, modelCase);
const ready = { about: `Unrolled, ${core.build}, threads: ${team.threads}`, build: core.build };
await serveRounds(ready, step, () => ({
  peakGflops: measurePeak(team.core),
  residentBytes: process.resourceUsage().maxRSS * 1024,
}));
await team.stop();

/** Updates on one full batch; each returns the mean loss of a symbol. */
function training({ core: instance, layout, control, threads: workers }: Team<DecodingModel>, of: ModelCase) {
  const { steps, sourceSteps, batchSize, output } = of.spec;
  const staging = layout.placed[0]?.network.staging;
  if (!staging) throw new Error('A team has at least one thread.');
  const buffers = stagedBuffers(instance, of.spec, staging);
  const symbols = output.kind === 'labels' ? output.count : 1;
  buffers.lengths.fill(steps);
  buffers.sourceLengths?.fill(sourceSteps);
  buffers.sourceTokens?.forEach((_, i, tokens) => (tokens[i] = (i * STRIDES.source) % symbols));
  buffers.tokens?.forEach((_, i, tokens) => (tokens[i] = (i * STRIDES.tokens) % symbols));
  buffers.targetLabels?.forEach((_, i, labels) => (labels[i] = (i * STRIDES.targets) % symbols));
  const targets = steps * batchSize;
  control.setWord('steps', steps);
  control.setWord('sourceSteps', sourceSteps);
  control.setWord('columns', batchSize);
  control.setWord('training', 1);
  control.setWord('continues', 0);
  control.setValue('lossScale', 1 / targets);
  control.setValue('dropout', 0);
  control.setValue('learningRate', ADAM.learningRate);
  control.setValue('clipNorm', CLIP_NORM);
  control.setValue('teacherForcing', 1);
  team.run(COMMANDS.refresh);
  let update = 0;
  return () => {
    control.setWord('update', update++);
    team.run(COMMANDS.train);
    return control.loss(workers) / targets;
  };
}

/** Reads one source and writes T symbols, those given, so that an untrained model ends no sooner; returns -log p. */
function decoding(of: Team<DecodingModel>, { spec: { steps, sourceSteps, output } }: ModelCase) {
  const model = new StepwiseModel(of, spec);
  model.refresh();
  const symbols = output.kind === 'labels' ? output.count : 1;
  // Symbols 0 and 1 stand for start and end.
  const written = (count: number, stride: number) =>
    Array.from({ length: count }, (_, i) => 2 + ((i * stride) % (symbols - 2)));
  const source = Int32Array.from(written(sourceSteps, 7));
  const options = { boundaries: { start: 0, end: 1 }, excluded: new Set<number>(), steps, forced: written(steps, 11) };
  return () => -decodeOne(model, source, options).logProbability;
}
