/**
 * A deep feed-forward network, in float64, to watch the product of Jacobians that vanishes in depth as it does in time:
 *
 *     a(l) = W(l) n(l-1) + b(l)     h(l) = f(a(l)), + h(l-1) where there are residual connections (He et al. 2016)
 *
 * where n is h, or h with layer normalisation (Ba et al. 2016, without gain and offset). h(0) are the inputs brought to
 * the stack's width by a fixed random matrix; a linear head and a sigmoid tell whether two numbers have the same sign.
 */
import { Random } from '../random.ts';
import { norm } from './linear-algebra.ts';
import { sigmoid } from './unrolled-network.ts';
import { gaussian } from './untrained.ts';

export interface StackSettings {
  /** L, 1 to 60. */
  readonly depth: number;
  readonly width: number;
  readonly activation: 'sigmoid' | 'tanh' | 'relu';
  readonly residual: boolean;
  readonly layerNorm: boolean;
  /** Deviation of W: Glorot & Bengio 2010, 1 / sqrt(width); He et al. 2015, sqrt(2 / width); or a fixed 0.01. */
  readonly initial: 'glorot' | 'he' | 'small';
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
}

export interface StackGradients {
  readonly loss: number;
  /** Share of the batch that is told right. */
  readonly accuracy: number;
  /** [L + 1] ||dJ/dh(l)||, l = 0 first, over the whole batch. */
  readonly states: readonly number[];
  /** [L] ||dJ/dW(l)||. */
  readonly weights: readonly number[];
  /** [L] root mean square of h(l): a forward signal that dies takes the gradient with it. */
  readonly signal: readonly number[];
}

const EPSILON = 1e-5;
const INPUTS = 2;

interface Layer {
  /** [width, width] */
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

/** [batch, width] each. */
interface LayerPass {
  readonly normed: Float64Array;
  /** 1 / deviation of each row, where there is layer normalisation. */
  readonly scale: Float64Array;
  readonly f: Float64Array;
  readonly h: Float64Array;
}

export class DeepStack {
  readonly settings: StackSettings;
  readonly layers: readonly Layer[];
  /** [width], and the offset last. */
  readonly head: Float64Array;
  readonly #embed: Float64Array;
  #update = 0;

  constructor(settings: StackSettings) {
    const { depth, width, initial, seed } = settings;
    this.settings = settings;
    const deviation = { glorot: 1 / Math.sqrt(width), he: Math.sqrt(2 / width), small: 0.01 }[initial];
    const draw = (stream: number, count: number, scale: number) => {
      const random = new Random(seed, stream);
      return Float64Array.from({ length: count }, () => scale * gaussian(random));
    };
    this.layers = Array.from({ length: depth }, (_, l) => ({
      weight: draw(100 + l, width * width, deviation),
      bias: new Float64Array(width),
    }));
    this.head = draw(1, width + 1, 1 / Math.sqrt(width));
    this.head[width] = 0;
    this.#embed = draw(2, width * INPUTS, 1);
  }

  /** Updates done. */
  get update(): number {
    return this.#update;
  }

  /** Loss and gradients on the next batch; nothing changes. */
  measure(): StackGradients {
    return this.#pass(false);
  }

  /** One update of gradient descent. */
  step(): StackGradients {
    const gradients = this.#pass(true);
    this.#update++;
    return gradients;
  }

  /** The mean loss of the next batch. */
  loss(): number {
    const { x, labels } = this.#batch();
    const last = this.#forward(x).at(-1)!.h;
    return this.#judge(last, labels).loss;
  }

  /** dJ/dW of every layer, [width, width], and of the head. */
  gradients(): { readonly weights: readonly Float64Array[]; readonly head: Float64Array } {
    const { weights, head } = this.#backward();
    return { weights, head };
  }

  #pass(learn: boolean): StackGradients {
    const { loss, accuracy, states, weights, biases, head, passes } = this.#backward();
    if (learn) {
      const rate = this.settings.learningRate;
      const move = (values: Float64Array, by: Float64Array) => by.forEach((slope, i) => (values[i]! -= rate * slope));
      this.layers.forEach(({ weight, bias }, l) => {
        move(weight, weights[l]!);
        move(bias, biases[l]!);
      });
      move(this.head, head);
    }
    return {
      loss,
      accuracy,
      states: states.map(norm),
      weights: weights.map(norm),
      signal: passes.map(({ h }) => norm(h) / Math.sqrt(h.length)),
    };
  }

  #backward() {
    const { width, batchSize, residual } = this.settings;
    const { x, labels } = this.#batch();
    const passes = this.#forward(x);
    const last = passes.at(-1)!.h;
    const { loss, accuracy, dz } = this.#judge(last, labels);
    const head = new Float64Array(width + 1);
    let dh = new Float64Array(batchSize * width);
    for (let n = 0; n < batchSize; n++) {
      for (let j = 0; j < width; j++) {
        head[j]! += dz[n]! * last[n * width + j]!;
        dh[n * width + j] = dz[n]! * this.head[j]!;
      }
      head[width]! += dz[n]!;
    }
    const states: Float64Array[] = [dh];
    const weights: Float64Array[] = [];
    const biases: Float64Array[] = [];
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const pass = passes[l]!;
      const { weight } = this.layers[l]!;
      const da = dh.map((value, i) => value * this.#slope(pass.f[i]!));
      const dWeight = new Float64Array(width * width);
      const dBias = new Float64Array(width);
      const dNormed = new Float64Array(batchSize * width);
      for (let n = 0; n < batchSize; n++) {
        for (let i = 0; i < width; i++) {
          const slope = da[n * width + i]!;
          dBias[i]! += slope;
          for (let j = 0; j < width; j++) {
            dWeight[i * width + j]! += slope * pass.normed[n * width + j]!;
            dNormed[n * width + j]! += slope * weight[i * width + j]!;
          }
        }
      }
      const below = this.#throughNorm(dNormed, pass);
      dh = residual ? dh.map((value, i) => value + below[i]!) : below;
      states.unshift(dh);
      weights.unshift(dWeight);
      biases.unshift(dBias);
    }
    return { loss, accuracy, states, weights, biases, head, passes };
  }

  #forward(x: Float64Array): readonly LayerPass[] {
    const { width, batchSize, residual } = this.settings;
    let h = x;
    return this.layers.map(({ weight, bias }) => {
      const { normed, scale } = this.#normalise(h);
      const f = new Float64Array(batchSize * width);
      for (let n = 0; n < batchSize; n++) {
        for (let i = 0; i < width; i++) {
          let sum = bias[i]!;
          for (let j = 0; j < width; j++) sum += weight[i * width + j]! * normed[n * width + j]!;
          f[n * width + i] = this.#activate(sum);
        }
      }
      const before = h;
      h = residual ? f.map((value, i) => value + before[i]!) : f;
      return { normed, scale, f, h };
    });
  }

  #normalise(h: Float64Array) {
    const { width, batchSize, layerNorm } = this.settings;
    const scale = new Float64Array(batchSize).fill(1);
    if (!layerNorm) return { normed: h, scale };
    const normed = new Float64Array(h.length);
    for (let n = 0; n < batchSize; n++) {
      const row = h.subarray(n * width, (n + 1) * width);
      const mean = row.reduce((sum, value) => sum + value, 0) / width;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
      const inverse = 1 / Math.sqrt(variance + EPSILON);
      scale[n] = inverse;
      row.forEach((value, j) => (normed[n * width + j] = (value - mean) * inverse));
    }
    return { normed, scale };
  }

  #throughNorm(dNormed: Float64Array, { normed, scale }: LayerPass): Float64Array<ArrayBuffer> {
    const { width, batchSize, layerNorm } = this.settings;
    if (!layerNorm) return Float64Array.from(dNormed);
    const out = new Float64Array(dNormed.length);
    for (let n = 0; n < batchSize; n++) {
      let [sum, along] = [0, 0];
      for (let j = n * width; j < (n + 1) * width; j++) {
        sum += dNormed[j]!;
        along += dNormed[j]! * normed[j]!;
      }
      for (let j = n * width; j < (n + 1) * width; j++) {
        out[j] = scale[n]! * (dNormed[j]! - sum / width - (normed[j]! * along) / width);
      }
    }
    return out;
  }

  #judge(last: Float64Array, labels: readonly boolean[]) {
    const { width } = this.settings;
    let [loss, right] = [0, 0];
    const dz = labels.map((label, n) => {
      let z = this.head[width]!;
      for (let j = 0; j < width; j++) z += this.head[j]! * last[n * width + j]!;
      if (z > 0 === label) right++;
      // -log sigmoid(+-z), without overflow.
      const against = label ? -z : z;
      loss += Math.max(0, against) + Math.log1p(Math.exp(-Math.abs(against)));
      return (sigmoid(z) - (label ? 1 : 0)) / labels.length;
    });
    return { loss: loss / labels.length, accuracy: right / labels.length, dz };
  }

  #batch() {
    const { width, batchSize, seed } = this.settings;
    const random = new Random(seed, 3, this.#update);
    const x = new Float64Array(batchSize * width);
    const labels = Array.from({ length: batchSize }, (_, n) => {
      const [a, b] = [2 * random.unit() - 1, 2 * random.unit() - 1];
      for (let j = 0; j < width; j++)
        x[n * width + j] = this.#embed[j * INPUTS]! * a + this.#embed[j * INPUTS + 1]! * b;
      return a * b > 0;
    });
    return { x, labels };
  }

  #activate(a: number): number {
    const { activation } = this.settings;
    return activation === 'relu' ? Math.max(0, a) : activation === 'tanh' ? Math.tanh(a) : sigmoid(a);
  }

  // By the function's value.
  #slope(f: number): number {
    const { activation } = this.settings;
    return activation === 'relu' ? (f > 0 ? 1 : 0) : activation === 'tanh' ? 1 - f * f : f * (1 - f);
  }
}
