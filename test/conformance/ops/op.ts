/** How an operation of the golden cases is carried out by the engine. */
import type { OptimizerSpec } from '../../../engine/team/optimizer.ts';
import type { BuildNetwork } from '../../../engine/team/layout.ts';
import type { Network } from '../../../engine/team/network.ts';
import { readParameter, writeParameter } from '../../../engine/team/parameters.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import type { Team } from '../../../engine/team/team.ts';
import { InputError } from '../../../engine/errors.ts';
import type { GoldenCase, Tensor, Tensors } from '../case.ts';
import type { ComputedTensor, ComputedTensors } from '../compare.ts';
import type { Place, StagedNetwork } from './stage.ts';

export interface CaseResult {
  readonly outputs: ComputedTensors;
  readonly grads: ComputedTensors;
}

export interface Op<N extends Network> {
  /** What the threads share out among them. */
  batchSize(golden: GoldenCase): number;
  optimizer(golden: GoldenCase): OptimizerSpec;
  /** `trace`: keep every gradient of every step, as a person who looks into the network asks for. */
  build(golden: GoldenCase, trace: boolean): BuildNetwork<N>;
  run(team: Team<N>, golden: GoldenCase): CaseResult;
}

/** For operations that train nothing. */
export const NO_OPTIMIZER: OptimizerSpec = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 };

/** How the words and values of a team's control stand for one pass. */
export interface PassSettings {
  readonly steps: number;
  readonly lossScale: number;
}

/** Inputs, parameters and upstream gradients in, one forward and backward pass, outputs and gradients out. */
export function runStaged(team: Team<StagedNetwork>, golden: GoldenCase, settings: PassSettings): CaseResult {
  const { stage } = ownNetwork(team);
  for (const [name, tensor] of Object.entries(golden.inputs)) writePlace(team, stage.places, `inputs.${name}`, tensor);
  for (const [name, tensor] of Object.entries(golden.upstream)) {
    if (stage.places.has(`upstream.${name}`)) writePlace(team, stage.places, `upstream.${name}`, tensor);
  }
  writeParameters(team, golden.params);
  setPass(team, settings);
  team.run(COMMANDS.refresh);
  team.run(COMMANDS.gradients);
  const grads = Object.fromEntries(
    team.layout.parameters.list.map((parameter): [string, ComputedTensor] => {
      const offset = placedFirst(team).plan.gradientOffset;
      return [parameter.name, { shape: parameter.shape, data: readParameter(team.core.f32, parameter, offset) }];
    }),
  );
  return {
    outputs: readPlaces(team, stage.places, 'outputs.'),
    grads: { ...grads, ...readPlaces(team, stage.places, 'grads.') },
  };
}

/** One pass as it was at the very first update: no dropout, no state from before. */
export function setPass<N extends Network>({ control }: Team<N>, { steps, lossScale }: PassSettings): void {
  control.setWord('steps', steps);
  control.setWord('training', 1);
  control.setWord('continues', 0);
  control.setWord('update', 0);
  control.setValue('lossScale', lossScale);
  control.setValue('dropout', 0);
}

/** All parameters of the network from the case, which must have exactly these. */
export function writeParameters<N extends Network>(team: Team<N>, params: Tensors): void {
  const { list } = team.layout.parameters;
  for (const parameter of list) {
    const tensor = tensorOf(params, 'params', parameter.name);
    expectShape(tensor, parameter.shape, `params.${parameter.name}`);
    writeParameter(team.core.f32, parameter, tensor.data);
  }
  const known = new Set(list.map(({ name }) => name));
  const unknown = Object.keys(params).find((name) => !known.has(name));
  if (unknown !== undefined) throw new InputError(`params.${unknown} is no parameter of this operation.`);
}

/** A tensor that the case must have. */
export function tensorOf(tensors: Tensors, group: string, name: string): Tensor {
  const tensor = tensors[name];
  if (!tensor) throw new InputError(`${group}.${name} is missing.`);
  return tensor;
}

export function expectShape(tensor: Tensor, shape: readonly number[], name: string): void {
  if (tensor.shape.join() === shape.join()) return;
  throw new InputError(`${name} is [${tensor.shape.join(', ')}], and must be [${shape.join(', ')}].`);
}

/** The last extent and the product of the others: rows of C numbers. */
export function rowsAndColumns({ shape }: Tensor): readonly [rows: number, columns: number] {
  const columns = shape.at(-1) ?? 1;
  return [shape.slice(0, -1).reduce((rows, extent) => rows * extent, 1), columns];
}

/** The network that the calling thread runs. */
export function ownNetwork<N extends Network>(team: Team<N>): N {
  return placedFirst(team).network;
}

function placedFirst<N extends Network>({ layout }: Team<N>) {
  const [first] = layout.placed;
  if (!first) throw new Error('A team has at least one thread.');
  return first;
}

function writePlace(team: Team<Network>, places: ReadonlyMap<string, Place>, name: string, tensor: Tensor): void {
  const place = places.get(name);
  if (!place) throw new InputError(`${name} is no tensor of this operation.`);
  expectShape(tensor, place.shape, name);
  if (tensor.dtype !== place.dtype) throw new InputError(`${name} is ${tensor.dtype}, and must be ${place.dtype}.`);
  const { f32, i32 } = team.core;
  (place.dtype === 'f32' ? f32 : i32).set(tensor.data, place.at / 4);
}

function readPlaces(team: Team<Network>, places: ReadonlyMap<string, Place>, group: string): ComputedTensors {
  const read: Record<string, ComputedTensor> = {};
  for (const [name, { at, shape }] of places) {
    if (!name.startsWith(group)) continue;
    const size = shape.reduce((product, extent) => product * extent, 1);
    read[name.slice(group.length)] = { shape, data: team.core.f32.slice(at / 4, at / 4 + size) };
  }
  return read;
}
