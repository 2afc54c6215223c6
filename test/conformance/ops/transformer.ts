/** transformer_encoder_layer and transformer_decoder_layer. */
import { TransformerLayer } from '../../../engine/layers/transformer-layer.ts';
import { fillMatrix } from '../../../engine/layers/steps.ts';
import type { Pass, Plan } from '../../../engine/team/network.ts';
import type { GoldenCase } from '../case.ts';
import { sequenceShape, stageSequence, type StagedSequence } from './attention.ts';
import { choiceOf, countOf, flagOf, lengthsOf } from './config.ts';
import { NO_OPTIMIZER, ownNetwork, runStaged, type Op } from './op.ts';
import { Stage, type Place, type StagedNetwork } from './stage.ts';

class LayerNetwork implements StagedNetwork {
  readonly stage: Stage;
  readonly lengths: Place | undefined;
  readonly #layer: TransformerLayer;
  readonly #x: StagedSequence;
  readonly #memory: StagedSequence | undefined;
  readonly #memorySteps: number;
  readonly #ownLengths: number;
  readonly #y: Place;
  readonly #dy: Place;

  constructor(plan: Plan, golden: GoldenCase, overMemory: boolean, trace: boolean) {
    const shape = sequenceShape(golden, 'x');
    const [steps, batch, size] = shape;
    this.stage = new Stage(plan, batch);
    const padded = lengthsOf(golden, batch, steps) !== undefined;
    this.lengths = padded ? this.stage.integers('lengths', [batch], 1) : undefined;
    this.#ownLengths = padded ? plan.activations.take(plan.share.batch * 4) : 0;
    this.#x = stageSequence(plan, this.stage, 'x', shape);
    this.#memorySteps = overMemory ? sequenceShape(golden, 'memory')[0] : 0;
    this.#memory = overMemory ? stageSequence(plan, this.stage, 'memory', sequenceShape(golden, 'memory')) : undefined;
    this.#layer = new TransformerLayer(plan, {
      name: '',
      x: this.#x.x,
      dx: this.#x.dx,
      memory: this.#memory,
      heads: countOf(golden, 'heads'),
      feedForwardSize: countOf(golden, 'feedForwardSize'),
      norm: flagOf(golden, 'normFirst') ? 'pre' : 'post',
      activation: choiceOf(golden, 'activation', ['relu', 'gelu']),
      causal: flagOf(golden, 'causal'),
      lengths: this.#ownLengths,
      memoryLengths: 0,
      steps,
      memorySteps: this.#memorySteps,
      ofSource: false,
      trace,
    });
    this.#y = this.stage.values('outputs.y', shape, steps, size);
    this.#dy = this.stage.values('upstream.y', shape, steps, size);
  }

  forward(pass: Pass): number {
    const { core } = pass;
    this.stage.take(core, this.#x.place, this.#x.x);
    if (this.#memory) this.stage.take(core, this.#memory.place, this.#memory.x);
    if (this.lengths) this.stage.takeIntegers(core, this.lengths, this.#ownLengths);
    this.#layer.readMemory(core, this.#memorySteps);
    this.#layer.forward({ ...pass, sourceSteps: this.#memorySteps });
    this.stage.give(core, this.#layer.y, this.#y);
    return 0;
  }

  backward(pass: Pass): void {
    const { core } = pass;
    this.stage.take(core, this.#dy, this.#layer.dy);
    if (this.#memory) fillMatrix(core.kernels, this.#memory.dx, 0);
    this.#layer.backward({ ...pass, sourceSteps: this.#memorySteps });
    this.stage.give(core, this.#x.dx, this.#x.gradient);
    if (this.#memory) this.stage.give(core, this.#memory.dx, this.#memory.gradient);
  }
}

export function transformerLayer(kind: 'encoder' | 'decoder'): Op<LayerNetwork> {
  return {
    batchSize: (golden) => sequenceShape(golden, 'x')[1],
    optimizer: () => NO_OPTIMIZER,
    build: (golden, trace) => (plan) => new LayerNetwork(plan, golden, kind === 'decoder', trace),
    run(team, golden) {
      const [steps, batch] = sequenceShape(golden, 'x');
      const lengths = lengthsOf(golden, batch, steps);
      const place = ownNetwork(team).lengths;
      if (lengths && place) team.core.i32.set(lengths, place.at / 4);
      return runStaged(team, golden, { steps, lossScale: 1 });
    },
  };
}
