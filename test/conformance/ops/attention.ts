/** attention_additive and attention_dot; multihead_attention. Weights are outputs too, and have upstream gradients. */
import { rowsOf, type Matrix } from '../../../engine/core/arena.ts';
import type { Core } from '../../../engine/core/core.ts';
import { InputError } from '../../../engine/errors.ts';
import type { Attention } from '../../../engine/layers/attention.ts';
import { MultiheadAttention } from '../../../engine/layers/multihead-attention.ts';
import { SourceAttention } from '../../../engine/layers/source-attention.ts';
import { fillMatrix } from '../../../engine/layers/steps.ts';
import type { Pass, Plan, Share } from '../../../engine/team/network.ts';
import type { GoldenCase } from '../case.ts';
import { choiceOf, countOf, flagOf, lengthsOf } from './config.ts';
import { NO_OPTIMIZER, ownNetwork, runStaged, tensorOf, type Op } from './op.ts';
import { Stage, type Place, type StagedNetwork } from './stage.ts';

/** A sequence that goes in, with its gradient. */
export interface StagedSequence {
  readonly x: Matrix;
  readonly dx: Matrix;
  readonly place: Place;
  readonly gradient: Place;
}

export function stageSequence(plan: Plan, stage: Stage, name: string, shape: readonly number[]): StagedSequence {
  const [steps = 0, , width = 0] = shape;
  const like = () => plan.activations.matrix(steps * plan.share.batch, [width]);
  return {
    x: like(),
    dx: like(),
    place: stage.values(`inputs.${name}`, shape, steps, width),
    gradient: stage.values(`grads.${name}`, shape, steps, width),
  };
}

/** Shapes [T, B, C] of an input. */
export function sequenceShape(golden: GoldenCase, name: string): readonly [number, number, number] {
  const { shape } = tensorOf(golden.inputs, 'inputs', name);
  const [steps, batch, width] = shape;
  if (shape.length === 3 && steps && batch && width) return [steps, batch, width];
  throw new InputError(`inputs.${name} is [${shape.join(', ')}], and must be [T, B, C].`);
}

interface AttentionLayer {
  readonly attention: Attention;
  readonly y: Matrix;
  readonly dy: Matrix;
  read(core: Core, keySteps: number): void;
  forward(pass: Pass): void;
  backward(pass: Pass): void;
}

interface AttentionSettings {
  readonly heads: number;
  /** The output beside the weights. */
  readonly output: 'context' | 'y';
  /** [T, B, C] of it. */
  readonly outputShape: readonly number[];
  readonly query: readonly [number, number, number];
  readonly keys: readonly [number, number, number] | undefined;
  readonly lengths: readonly number[] | undefined;
  /** Batch first and by head: [B, heads, T, S]; otherwise [T, B, S]. */
  readonly byHead: boolean;
}

class AttentionNetwork implements StagedNetwork {
  readonly stage: Stage;
  readonly lengths: Place | undefined;
  readonly #settings: AttentionSettings;
  readonly #query: StagedSequence;
  readonly #keys: StagedSequence | undefined;
  readonly #layer: AttentionLayer;
  readonly #ownLengths: number;
  readonly #places: Record<'y' | 'dy' | 'weights' | 'dweights', Place>;
  readonly #share: Share;

  constructor(
    plan: Plan,
    settings: AttentionSettings,
    layer: (query: StagedSequence, keys: StagedSequence | undefined, lengths: number) => AttentionLayer,
  ) {
    const { query, keys, heads, output, outputShape, byHead, lengths } = settings;
    const [steps, batch] = query;
    const keySteps = (keys ?? query)[0];
    this.#settings = settings;
    this.#share = plan.share;
    this.stage = new Stage(plan, batch);
    this.lengths = lengths && this.stage.integers('lengths', [batch], 1);
    this.#ownLengths = lengths ? plan.activations.take(plan.share.batch * 4) : 0;
    this.#query = stageSequence(plan, this.stage, 'query', query);
    this.#keys = keys && stageSequence(plan, this.stage, 'keys', keys);
    this.#layer = layer(this.#query, this.#keys, this.#ownLengths);
    const shape = byHead ? [batch, heads, steps, keySteps] : [steps, batch, keySteps];
    const [width = 0] = outputShape.slice(-1);
    // By head, an item's weights lie together: one block of the batch.
    const [outer, columns] = byHead ? [1, heads * steps * keySteps] : [steps, keySteps];
    this.#places = {
      y: this.stage.values(`outputs.${output}`, outputShape, steps, width),
      dy: this.stage.values(`upstream.${output}`, outputShape, steps, width),
      weights: this.stage.values('outputs.weights', shape, outer, columns),
      dweights: this.stage.values('upstream.weights', shape, outer, columns),
    };
  }

  forward(pass: Pass): number {
    const { core } = pass;
    this.stage.take(core, this.#query.place, this.#query.x);
    if (this.#keys) this.stage.take(core, this.#keys.place, this.#keys.x);
    if (this.lengths) this.stage.takeIntegers(core, this.lengths, this.#ownLengths);
    const keySteps = (this.#settings.keys ?? this.#settings.query)[0];
    this.#layer.read(core, keySteps);
    this.#layer.forward({ ...pass, sourceSteps: keySteps });
    this.stage.give(core, this.#layer.y, this.#places.y);
    this.#eachWeight(false, (block, staged) => (core.f32[staged] = core.f32[block] ?? NaN));
    return 0;
  }

  backward(pass: Pass): void {
    const { core } = pass;
    const keySteps = (this.#settings.keys ?? this.#settings.query)[0];
    this.stage.take(core, this.#places.dy, this.#layer.dy);
    this.#eachWeight(true, (block, staged) => (core.f32[block] = core.f32[staged] ?? NaN));
    if (this.#keys) fillMatrix(core.kernels, this.#keys.dx, 0);
    this.#layer.backward({ ...pass, sourceSteps: keySteps });
    this.stage.give(core, this.#query.dx, this.#query.gradient);
    if (this.#keys) this.stage.give(core, this.#keys.dx, this.#keys.gradient);
  }

  // Calls `move` with the indices, in floats, of each weight (or its gradient) in its block and on the stage.
  #eachWeight(gradient: boolean, move: (block: number, staged: number) => void): void {
    const { query, keys, heads, byHead } = this.#settings;
    const [steps, batchSize] = query;
    const keySteps = (keys ?? query)[0];
    const { at } = gradient ? this.#places.dweights : this.#places.weights;
    const { attention } = this.#layer;
    for (let b = 0; b < this.#share.batch; b++) {
      const item = this.#share.offset + b;
      for (let h = 0; h < heads; h++) {
        const block = gradient ? attention.weightsGradientOf(b, h) : attention.weightsOf(b, h);
        if (!block) throw new Error('These weights take no gradient.');
        for (let t = 0; t < steps; t++) {
          const row = byHead ? (item * heads + h) * steps + t : t * batchSize + item;
          const own = rowsOf(block, t, 1).at;
          for (let s = 0; s < keySteps; s++) {
            move((own + (s >> 3) * block.stride) / 4 + (s & 7), at / 4 + row * keySteps + s);
          }
        }
      }
    }
  }
}

const SCORES = { dot: 'dot', scaled_dot: 'scaled-dot', general: 'general' } as const;

/** One of the scores over an encoder's states. */
export function sourceAttention(op: 'attention_additive' | 'attention_dot'): Op<AttentionNetwork> {
  const settingsOf = (golden: GoldenCase): AttentionSettings => {
    const query = sequenceShape(golden, 'query');
    const keys = sequenceShape(golden, 'keys');
    return {
      heads: 1,
      output: 'context',
      outputShape: [query[0], query[1], keys[2]],
      query,
      keys,
      lengths: lengthsOf(golden, query[1], keys[0]),
      byHead: false,
    };
  };
  return attentionOp(settingsOf, (golden, trace) => (plan, query, keys, lengths) => {
    if (!keys) throw new Error('An encoder has states.');
    const score = op === 'attention_dot' ? choiceOf(golden, 'score', ['dot', 'scaled_dot', 'general']) : undefined;
    const layer = new SourceAttention(plan, {
      name: '',
      kind: score ? SCORES[score] : 'additive',
      size: score ? 0 : countOf(golden, 'attentionSize'),
      queries: query.x,
      dqueries: query.dx,
      keys: keys.x,
      dkeys: keys.dx,
      steps: sequenceShape(golden, 'query')[0],
      keySteps: sequenceShape(golden, 'keys')[0],
      lengths,
      weightsGradient: true,
      trace,
    });
    return {
      attention: layer.attention,
      y: layer.attention.context,
      dy: layer.attention.dcontext,
      read: (core, keySteps) => {
        layer.readKeys(core, keySteps);
      },
      forward: (pass) => {
        layer.forward(pass);
      },
      backward: (pass) => {
        layer.backward(pass);
      },
    };
  });
}

export const multiheadAttention: Op<AttentionNetwork> = attentionOp(
  (golden) => {
    const query = sequenceShape(golden, 'query');
    const keys = flagOf(golden, 'selfAttention') ? undefined : sequenceShape(golden, 'keys');
    return {
      heads: countOf(golden, 'heads'),
      output: 'y',
      outputShape: query,
      query,
      keys,
      lengths: lengthsOf(golden, query[1], (keys ?? query)[0]),
      byHead: true,
    };
  },
  (golden, trace) => (plan, query, keys, lengths) => {
    const layer = new MultiheadAttention(plan, {
      name: '',
      x: query.x,
      dx: query.dx,
      memory: keys,
      heads: countOf(golden, 'heads'),
      causal: flagOf(golden, 'causal'),
      lengths,
      steps: sequenceShape(golden, 'query')[0],
      keySteps: sequenceShape(golden, keys ? 'keys' : 'query')[0],
      ofSource: false,
      weightsGradient: true,
      trace,
    });
    return {
      attention: layer.attention,
      y: layer.y,
      dy: layer.dy,
      read: (core, keySteps) => {
        layer.readMemory(core, keySteps);
      },
      forward: (pass) => {
        layer.forward(pass);
      },
      backward: (pass) => {
        layer.backward(pass);
      },
    };
  },
);

type MakeLayer = (
  plan: Plan,
  query: StagedSequence,
  keys: StagedSequence | undefined,
  lengths: number,
) => AttentionLayer;

function attentionOp(
  settingsOf: (golden: GoldenCase) => AttentionSettings,
  layerOf: (golden: GoldenCase, trace: boolean) => MakeLayer,
): Op<AttentionNetwork> {
  return {
    batchSize: (golden) => settingsOf(golden).query[1],
    optimizer: () => NO_OPTIMIZER,
    build(golden, trace) {
      const settings = settingsOf(golden);
      const make = layerOf(golden, trace);
      return (plan) => new AttentionNetwork(plan, settings, (query, keys, lengths) => make(plan, query, keys, lengths));
    },
    run(team, golden) {
      const { lengths, query } = settingsOf(golden);
      const place = ownNetwork(team).lengths;
      if (lengths && place) team.core.i32.set(lengths, place.at / 4);
      return runStaged(team, golden, { steps: query[0], lossScale: 1 });
    },
  };
}
