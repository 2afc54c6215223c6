import { sizeOf, type Tensors } from '../conformance/case.ts';
import { Matrix } from './matrix.ts';

/** A golden tensor as a matrix: the last extent is that of the columns. Nine digits name a float32; it is restored. */
export function matrixOf(tensors: Tensors, name: string): Matrix {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`the golden case has no tensor ${name}`);
  const cols = tensor.shape.at(-1) ?? 1;
  return new Matrix(sizeOf(tensor.shape) / cols, cols, Float32Array.from(tensor.data));
}

/** sum(output * upstream): the loss that gives `upstream` as the gradient of `output`. */
export function weightedSum(output: Matrix, upstream: Matrix): number {
  return output.data.reduce((total, value, i) => total + value * upstream.data[i]!, 0);
}
