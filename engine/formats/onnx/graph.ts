import type { Attribute, OnnxGraph, OnnxNode, OnnxTensor, Port } from './model.ts';

/** Puts a graph together, node by node; values are named by strings. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxTensor>();
  readonly #inputs: Port[] = [];
  readonly #outputs: Port[] = [];
  #values = 0;

  input(port: Port): string {
    this.#inputs.push(port);
    return port.name;
  }

  /** Makes `value` an output under the port's name. */
  output(port: Port, value: string): void {
    this.#outputs.push(port);
    this.#nodes.push({ op: 'Identity', inputs: [value], outputs: [port.name], attributes: {} });
  }

  /** A tensor of the file, kept once by its name. */
  constant(name: string, shape: readonly number[], data: OnnxTensor['data']): string {
    this.#constants.set(name, { name, shape, data });
    return name;
  }

  /** Whole numbers as a list, for operators that take shapes and axes; alike ones are kept once. */
  integers(...values: readonly number[]): string {
    const name = `integers_${values.join('_').replaceAll('-', 'm')}`;
    return this.constant(name, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** One whole number without dimensions. */
  scalar(value: number): string {
    return this.constant(`scalar_${String(value).replace('-', 'm')}`, [], BigInt64Array.of(BigInt(value)));
  }

  /** One float32 without dimensions. */
  number(name: string, value: number): string {
    return this.constant(name, [], Float32Array.of(value));
  }

  /** The first output of a new node. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.nodes(op, inputs, 1, attributes)[0]!;
  }

  /** All `outputs` of a new node. */
  nodes(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): readonly string[] {
    const names = Array.from({ length: outputs }, () => `${op.toLowerCase()}_${this.#values++}`);
    this.#nodes.push({ op, inputs, outputs: names, attributes });
    return names;
  }

  build(name: string): OnnxGraph {
    return {
      name,
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#nodes,
      constants: [...this.#constants.values()],
    };
  }
}
