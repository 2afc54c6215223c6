/**
 * The contestant that is this project. Arguments: name of the case, kind of input, threads, and which build ('best',
 * 'revectorized', or a build's name).
 */
import { coreFiles } from '../../electron/core/core-files.ts';
import { switchRevectorizerOn } from '../../electron/core/revectorizer.ts';
import { startModelThread } from '../../electron/core/threads.ts';
import type { BuildName } from '../../engine/core/core.ts';
import { loadCore } from '../../engine/core/load.ts';
import { PYTORCH_INITIAL } from '../../engine/layers/cells.ts';
import { buildRecurrentModel, type RecurrentModel } from '../../engine/models/recurrent-model.ts';
import type { RecurrentSpec } from '../../engine/models/spec.ts';
import { stagedBuffers } from '../../engine/models/staging.ts';
import { writeParameter } from '../../engine/team/parameters.ts';
import { COMMANDS } from '../../engine/team/replica.ts';
import { Team } from '../../engine/team/team.ts';
import { caseNamed } from './flags.ts';
import { measurePeak } from './peak.ts';
import { serveRounds } from './protocol.ts';
import {
  ADAM,
  CLASSES,
  CLIP_NORM,
  INPUTS,
  denseInputs,
  initialWeights,
  symbolInputs,
  targets,
  tokensPerStep,
  type BenchCase,
  type InputKind,
} from './workload.ts';

function specOf({ steps, batch, hidden }: BenchCase, input: InputKind): RecurrentSpec {
  return {
    architecture: 'recurrent',
    input: input === 'dense' ? { kind: 'values', width: INPUTS } : { kind: 'tokens', symbols: INPUTS },
    output: { kind: 'labels', count: CLASSES, per: 'step' },
    conditions: 0,
    cell: 'lstm',
    relu: false,
    hiddenSize: hidden,
    layers: 1,
    bidirectional: false,
    embeddingSize: 0,
    dropout: false,
    pooling: 'last',
    initial: PYTORCH_INITIAL,
    lengths: false,
    stateful: false,
    steps,
    sourceSteps: 0,
    batchSize: batch,
    seed: 0,
    trace: false,
  };
}

function fill(team: Team<RecurrentModel>, benchCase: BenchCase, spec: RecurrentSpec): void {
  const { core, layout } = team;
  const weights = initialWeights(benchCase);
  const byName = new Map([
    ['recurrent.weight_ih_l0', weights.weightIh],
    ['recurrent.weight_hh_l0', weights.weightHh],
    ['recurrent.bias_ih_l0', weights.biasIh],
    ['recurrent.bias_hh_l0', weights.biasHh],
    ['head.weight', weights.headWeight],
    ['head.bias', weights.headBias],
  ]);
  for (const parameter of layout.parameters.list) {
    writeParameter(core.f32, parameter, byName.get(parameter.name) ?? []);
  }
  const staging = layout.placed[0]?.network.staging;
  if (!staging) throw new Error('A team has at least one thread.');
  const buffers = stagedBuffers(core, spec, staging);
  buffers.lengths.fill(benchCase.steps);
  buffers.values?.set(denseInputs(benchCase));
  buffers.tokens?.set(symbolInputs(benchCase));
  buffers.targetLabels?.set(targets(benchCase));
  team.run(COMMANDS.refresh);
}

/** One training step; returns its loss. */
function createStep(team: Team<RecurrentModel>, benchCase: BenchCase): () => number {
  const { control, threads } = team;
  const tokens = tokensPerStep(benchCase);
  let update = 0;
  control.setWord('steps', benchCase.steps);
  control.setWord('columns', benchCase.batch);
  control.setWord('training', 1);
  control.setWord('continues', 0);
  control.setValue('lossScale', 1 / tokens);
  control.setValue('dropout', 0);
  control.setValue('learningRate', ADAM.learningRate);
  control.setValue('clipNorm', CLIP_NORM);
  return () => {
    control.setWord('update', update++);
    team.run(COMMANDS.train);
    return control.loss(threads) / tokens;
  };
}

const [name = '', input = 'dense', threads = '1', build = 'best'] = process.argv.slice(2);
const benchCase = caseNamed(name);
const spec = specOf(benchCase, input as InputKind);
if (build === 'revectorized' || build.startsWith('wide')) switchRevectorizerOn();
const core = await loadCore(coreFiles, {
  shared: Number(threads) > 1,
  revectorized: build === 'revectorized',
  ...(build === 'best' || build === 'revectorized' ? {} : { build: build as BuildName }),
});
const team = await Team.start({
  core,
  spec,
  build: buildRecurrentModel,
  batchSize: benchCase.batch,
  threads: Math.min(Number(threads), benchCase.batch),
  optimizer: { kind: 'adam', beta1: ADAM.beta1, beta2: ADAM.beta2, eps: ADAM.eps, weightDecay: 0 },
  startThread: startModelThread,
});
fill(team, benchCase, spec);
const ready = { about: `Unrolled, ${core.build}, threads: ${team.threads}`, build: core.build };
await serveRounds(ready, createStep(team, benchCase), () => ({
  peakGflops: measurePeak(team.core),
  residentBytes: process.resourceUsage().maxRSS * 1024,
}));
await team.stop();
