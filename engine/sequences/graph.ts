/** What depends on what in a model over one sequence: its states step by step, drawn and counted alike. */
import type { Rung, Shape } from './trials.ts';

export type NodeKind = 'input' | 'encoder' | 'decoder' | 'output';

export interface GraphNode {
  /** 'encoder.3': the same node in every shape that has it. */
  readonly key: string;
  readonly kind: NodeKind;
  /** From 0, among those of its kind. */
  readonly step: number;
  /** Where it stands, in columns from the left. */
  readonly column: number;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** 'time': from one step's state to the next; 'reach': attention; 'fed': a symbol that was written and is read again. */
  readonly kind: 'through' | 'time' | 'reach' | 'fed';
}

export interface SequenceGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly columns: number;
}

/** Of a shape that reads `read` symbols and writes `written`. */
export function shapeGraph(shape: Shape, read: number, written: number): SequenceGraph {
  switch (shape) {
    case 'one-to-one':
      return inStep(1, [0], [0]);
    case 'one-to-many':
      return inStep(written, [0], range(written));
    case 'many-to-one':
      return inStep(read, range(read), [read - 1]);
    case 'aligned':
      return inStep(read, range(read), range(read));
    case 'unequal':
      return inTwo(read, written, 'plain');
  }
}

/** Of a rung that turns `length` symbols into as many. */
export function rungGraph(rung: Rung, length: number): SequenceGraph {
  return rung === 'aligned' ? inStep(length, range(length), range(length)) : inTwo(length, length, rung);
}

/**
 * States that have to wait for one another when all symbols are known, as in training: the most on one way through the
 * graph.
 */
export function sequentialSteps(graph: SequenceGraph): number {
  const kinds = new Map(graph.nodes.map(({ key, kind }) => [key, kind]));
  const before = edgesInto(graph);
  const counted = new Map<string, number>();
  const longest = (key: string): number => {
    const found = counted.get(key);
    if (found !== undefined) return found;
    const kind = kinds.get(key);
    const own = kind === 'encoder' || kind === 'decoder' ? 1 : 0;
    const value = own + Math.max(0, ...(before.get(key) ?? []).map(longest));
    counted.set(key, value);
    return value;
  };
  return Math.max(...graph.nodes.map(({ key }) => longest(key)));
}

/**
 * Edges on the shortest way from an input symbol to an output, for the pair that is farthest apart among `pairs`;
 * Infinity where there is one with no way at all.
 */
export function longestPath(
  graph: SequenceGraph,
  pairs: readonly (readonly [input: number, output: number])[],
): number {
  const after = new Map<string, string[]>();
  for (const { from, to } of known(graph)) after.set(from, [...(after.get(from) ?? []), to]);
  return Math.max(...pairs.map(([input, output]) => shortest(after, `input.${input}`, `output.${output}`)));
}

function shortest(after: ReadonlyMap<string, readonly string[]>, from: string, to: string): number {
  const seen = new Set([from]);
  let front = [from];
  for (let length = 0; front.length > 0; length++) {
    if (front.includes(to)) return length;
    front = front.flatMap((key) => after.get(key) ?? []).filter((key) => !seen.has(key) && seen.add(key));
  }
  return Infinity;
}

/** Edges but those from what was written: it is known beforehand, and says nothing of the source that was not said. */
function known({ edges }: SequenceGraph): readonly GraphEdge[] {
  return edges.filter(({ from }) => !from.startsWith('output.'));
}

function edgesInto(graph: SequenceGraph): ReadonlyMap<string, readonly string[]> {
  const into = new Map<string, string[]>();
  for (const { from, to } of known(graph)) into.set(to, [...(into.get(to) ?? []), from]);
  return into;
}

/** One network: a state for each of `steps`, inputs and outputs at some of them. */
function inStep(steps: number, inputs: readonly number[], outputs: readonly number[]): SequenceGraph {
  const nodes = [
    ...inputs.map((step) => node('input', step, step)),
    ...range(steps).map((step) => node('encoder', step, step)),
    ...outputs.map((step, n) => node('output', n, step)),
  ];
  const edges: GraphEdge[] = [
    ...inputs.map((step) => edge(`input.${step}`, `encoder.${step}`, 'through')),
    ...range(steps - 1).map((step) => edge(`encoder.${step}`, `encoder.${step + 1}`, 'time')),
    ...outputs.map((step, n) => edge(`encoder.${step}`, `output.${n}`, 'through')),
  ];
  // What writes more than it reads is fed what it has written.
  if (outputs.length > inputs.length) {
    edges.push(...range(steps - 1).map((step) => edge(`output.${step}`, `encoder.${step + 1}`, 'fed')));
  }
  return { nodes, edges, columns: steps };
}

/** One network reads, another writes. */
function inTwo(read: number, written: number, by: Exclude<Rung, 'aligned'>): SequenceGraph {
  const reading = range(read);
  const writing = range(written);
  const nodes = [
    ...reading.map((step) => node('input', step, step)),
    ...reading.map((step) => node('encoder', step, step)),
    ...writing.map((step) => node('decoder', step, read + step)),
    ...writing.map((step) => node('output', step, read + step)),
  ];
  const edges = [
    ...reading.map((step) => edge(`input.${step}`, `encoder.${step}`, 'through')),
    ...writing.map((step) => edge(`decoder.${step}`, `output.${step}`, 'through')),
    ...writing.slice(1).map((step) => edge(`output.${step - 1}`, `decoder.${step}`, 'fed')),
  ];
  if (by !== 'transformer') {
    edges.push(
      ...reading.slice(1).map((step) => edge(`encoder.${step - 1}`, `encoder.${step}`, 'time')),
      ...writing.slice(0, 1).map((step) => edge(`encoder.${read - 1}`, `decoder.${step}`, 'time')),
      ...writing.slice(1).map((step) => edge(`decoder.${step - 1}`, `decoder.${step}`, 'time')),
    );
  }
  if (by === 'attention') {
    edges.push(...writing.flatMap((k) => reading.map((t) => edge(`encoder.${t}`, `output.${k}`, 'reach'))));
  }
  if (by === 'transformer') {
    edges.push(
      ...reading.flatMap((t) => reading.filter((s) => s !== t).map((s) => edge(`input.${s}`, `encoder.${t}`, 'reach'))),
      ...writing.flatMap((k) => reading.map((t) => edge(`encoder.${t}`, `decoder.${k}`, 'reach'))),
      ...writing.flatMap((k) => range(k - 1).map((j) => edge(`output.${j}`, `decoder.${k}`, 'reach'))),
    );
  }
  return { nodes, edges, columns: read + written };
}

function node(kind: NodeKind, step: number, column: number): GraphNode {
  return { key: `${kind}.${step}`, kind, step, column };
}

function edge(from: string, to: string, kind: GraphEdge['kind']): GraphEdge {
  return { from, to, kind };
}

function range(count: number): readonly number[] {
  return Array.from({ length: Math.max(0, count) }, (_, n) => n);
}
