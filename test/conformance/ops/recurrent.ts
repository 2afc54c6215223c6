/** rnn, lstm and gru: a stack of recurrent layers with initial states, lengths and gradients into the final states. */
import type { Matrix } from '../../../engine/core/arena.ts';
import type { Core } from '../../../engine/core/core.ts';
import { InputError } from '../../../engine/errors.ts';
import { CELLS, PYTORCH_INITIAL, type CellKind } from '../../../engine/layers/cells.ts';
import type { RecurrentState } from '../../../engine/layers/direction.ts';
import { Recurrent } from '../../../engine/layers/recurrent.ts';
import type { Pass, Plan } from '../../../engine/team/network.ts';
import type { GoldenCase, Tensors } from '../case.ts';
import { choiceOf, countOf, flagOf, lengthsOf } from './config.ts';
import { expectShape, NO_OPTIMIZER, ownNetwork, runStaged, tensorOf, type Op } from './op.ts';
import { Stage, type Place, type StagedNetwork } from './stage.ts';

interface RecurrentSettings {
  readonly cell: CellKind;
  readonly relu: boolean;
  readonly steps: number;
  readonly batchSize: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  readonly lengths: readonly number[] | undefined;
  /** Whether the case starts from states of its own; zeros otherwise. */
  readonly initialH: boolean;
  readonly initialC: boolean;
}

/** The places of h, or of c: one block of B rows a layer and direction. */
interface StatePlaces {
  readonly initial: Place | undefined;
  readonly final: Place;
  readonly upstream: Place;
  readonly gradient: Place | undefined;
}

class RecurrentNetwork implements StagedNetwork {
  readonly stage: Stage;
  /** Of the lengths; undefined where all items have all steps. */
  readonly lengths: Place | undefined;
  readonly #recurrent: Recurrent;
  readonly #x: Matrix;
  readonly #dx: Matrix;
  readonly #ownLengths: number;
  readonly #sequence: { readonly x: Place; readonly y: Place; readonly dy: Place; readonly dx: Place };
  readonly #h: StatePlaces;
  readonly #c: StatePlaces | undefined;

  constructor(plan: Plan, settings: RecurrentSettings, trace: boolean) {
    const { cell, relu, steps, batchSize, inputSize, hiddenSize, layers, bidirectional } = settings;
    const directions = bidirectional ? 2 : 1;
    const { activations, share } = plan;
    const rows = steps * share.batch;
    this.stage = new Stage(plan, batchSize);
    this.lengths = settings.lengths && this.stage.integers('lengths', [batchSize], 1);
    this.#x = activations.matrix(rows, [inputSize]);
    this.#dx = activations.matrix(rows, [inputSize]);
    this.#ownLengths = settings.lengths ? activations.take(share.batch * 4) : 0;
    this.#recurrent = new Recurrent(plan, {
      name: '',
      cell,
      relu,
      hiddenSize,
      layers,
      bidirectional,
      steps,
      input: { kind: 'matrix', x: this.#x, dx: this.#dx },
      initial: PYTORCH_INITIAL,
      lengths: this.#ownLengths,
      trace,
      holding: false,
      stateful: false,
      dropout: false,
      seed: 0,
    });
    for (const direction of this.#recurrent.directions) {
      direction.finalGradient = {
        h: activations.matrix(share.batch, [hiddenSize]),
        c: cell === 'lstm' ? activations.matrix(share.batch, [hiddenSize]) : undefined,
      };
    }
    const xShape = [steps, batchSize, inputSize];
    const yShape = [steps, batchSize, directions * hiddenSize];
    this.#sequence = {
      x: this.stage.values('inputs.x', xShape, steps, inputSize),
      y: this.stage.values('outputs.y', yShape, steps, directions * hiddenSize),
      dy: this.stage.values('upstream.y', yShape, steps, directions * hiddenSize),
      dx: this.stage.values('grads.x', xShape, steps, inputSize),
    };
    const stateShape = [layers * directions, batchSize, hiddenSize];
    this.#h = this.#planState('h', stateShape, settings.initialH);
    this.#c = cell === 'lstm' ? this.#planState('c', stateShape, settings.initialC) : undefined;
  }

  forward(pass: Pass): number {
    const { core } = pass;
    const { directions, y } = this.#recurrent;
    this.stage.take(core, this.#sequence.x, this.#x);
    if (this.lengths) this.stage.takeIntegers(core, this.lengths, this.#ownLengths);
    directions.forEach(({ start }, part) => {
      this.#eachState(start, (state, places) => this.#take(core, places.initial, part, state));
    });
    this.#recurrent.forward(pass);
    this.stage.give(core, y, this.#sequence.y);
    directions.forEach((direction, part) => {
      this.#eachState(direction.final(pass.steps), (state, places) => this.#give(core, state, places.final, part));
    });
    return 0;
  }

  backward(pass: Pass): void {
    const { core } = pass;
    const { directions, dy } = this.#recurrent;
    this.stage.take(core, this.#sequence.dy, dy);
    directions.forEach(({ finalGradient }, part) => {
      if (!finalGradient) return;
      this.#eachState(finalGradient, (state, places) => this.#take(core, places.upstream, part, state));
    });
    this.#recurrent.backward(pass);
    this.stage.give(core, this.#dx, this.#sequence.dx);
    directions.forEach((direction, part) => {
      const gradient = direction.startGradient(pass.steps);
      this.#eachState(gradient, (state, places) => this.#give(core, state, places.gradient, part));
    });
  }

  #planState(name: 'h' | 'c', shape: readonly number[], initial: boolean): StatePlaces {
    const [parts = 0, , hidden = 0] = shape;
    const place = (full: string) => this.stage.values(full, shape, parts, hidden);
    return {
      initial: initial ? place(`inputs.${name}0`) : undefined,
      final: place(`outputs.${name}n`),
      upstream: place(`upstream.${name}n`),
      gradient: initial ? place(`grads.${name}0`) : undefined,
    };
  }

  #eachState({ h, c }: RecurrentState, visit: (state: Matrix, places: StatePlaces) => void): void {
    visit(h, this.#h);
    if (c && this.#c) visit(c, this.#c);
  }

  #take(core: Core, place: Place | undefined, part: number, to: Matrix): void {
    if (place) this.stage.take(core, place, to, 1, part);
  }

  #give(core: Core, from: Matrix, place: Place | undefined, part: number): void {
    if (place) this.stage.give(core, from, place, 1, part);
  }
}

function settingsOf(golden: GoldenCase, cell: CellKind): RecurrentSettings {
  const x = tensorOf(golden.inputs, 'inputs', 'x');
  const [steps, batchSize] = x.shape;
  if (!steps || !batchSize) throw new InputError(`inputs.x is [${x.shape.join(', ')}], and must be [T, B, I].`);
  const inputSize = countOf(golden, 'inputSize');
  const hiddenSize = countOf(golden, 'hiddenSize');
  const layers = countOf(golden, 'layers');
  const bidirectional = flagOf(golden, 'bidirectional');
  expectShape(x, [steps, batchSize, inputSize], 'inputs.x');
  expectRecurrentSizes(golden.params, '', cell, hiddenSize, layers * (bidirectional ? 2 : 1));
  return {
    cell,
    relu: cell === 'rnn' && choiceOf(golden, 'nonlinearity', ['tanh', 'relu']) === 'relu',
    steps,
    batchSize,
    inputSize,
    hiddenSize,
    layers,
    bidirectional,
    lengths: lengthsOf(golden, batchSize, steps),
    initialH: golden.inputs['h0'] !== undefined,
    initialC: golden.inputs['c0'] !== undefined,
  };
}

/** Sizes in settings that the parameters do not bear out would plan memory without end. */
export function expectRecurrentSizes(
  params: Tensors,
  prefix: string,
  cell: CellKind,
  hiddenSize: number,
  parts: number,
): void {
  const name = `${prefix}weight_hh_l0`;
  const weight = tensorOf(params, 'params', name);
  expectShape(weight, [CELLS[cell].gates.length * hiddenSize, hiddenSize], `params.${name}`);
  const given = Object.keys(params).filter((key) => key.startsWith(`${prefix}weight_hh_`)).length;
  if (given !== parts) {
    throw new InputError(`config.layers and config.bidirectional make ${parts} layers, and params have ${given}.`);
  }
}

/** The operation of one cell. */
export function recurrent(cell: CellKind): Op<RecurrentNetwork> {
  return {
    batchSize: (golden) => settingsOf(golden, cell).batchSize,
    optimizer: () => NO_OPTIMIZER,
    build(golden, trace) {
      const settings = settingsOf(golden, cell);
      return (plan) => new RecurrentNetwork(plan, settings, trace);
    },
    run(team, golden) {
      const { steps, lengths } = settingsOf(golden, cell);
      const place = ownNetwork(team).lengths;
      if (lengths && place) team.core.i32.set(lengths, place.at / 4);
      return runStaged(team, golden, { steps, lossScale: 1 });
    },
  };
}
