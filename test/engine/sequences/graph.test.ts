import { describe, expect, test } from 'vitest';
import { longestPath, rungGraph, sequentialSteps, shapeGraph } from '../../../engine/sequences/graph.ts';
import { RUNGS, SHAPES } from '../../../engine/sequences/trials.ts';

/** Of a string written backwards. */
const backwards = (length: number) => Array.from({ length }, (_, n) => [n, length - 1 - n] as const);

describe('what depends on what', () => {
  test.each(SHAPES)('has its inputs and outputs where they are: %s', (shape) => {
    const { nodes } = shapeGraph(shape, 4, 3);
    const of = (kind: string) => nodes.filter((node) => node.kind === kind).map(({ column }) => column);
    expect([of('input'), of('output')]).toEqual(
      {
        'one-to-one': [[0], [0]],
        'one-to-many': [[0], [0, 1, 2]],
        'many-to-one': [[0, 1, 2, 3], [3]],
        aligned: [
          [0, 1, 2, 3],
          [0, 1, 2, 3],
        ],
        unequal: [
          [0, 1, 2, 3],
          [4, 5, 6],
        ],
      }[shape],
    );
  });

  test('each edge joins nodes that are there', () => {
    const graphs = [...SHAPES.map((shape) => shapeGraph(shape, 4, 3)), ...RUNGS.map((rung) => rungGraph(rung, 4))];
    for (const { nodes, edges } of graphs) {
      const keys = new Set(nodes.map(({ key }) => key));
      expect(keys.size).toBe(nodes.length);
      expect(edges.filter(({ from, to }) => !keys.has(from) || !keys.has(to))).toEqual([]);
    }
  });

  test('states wait for one another but in the transformer', () => {
    const steps = (length: number) => RUNGS.map((rung) => sequentialSteps(rungGraph(rung, length)));
    expect(steps(5)).toEqual([5, 10, 10, 2]);
    expect(steps(20)).toEqual([20, 40, 40, 2]);
  });

  test('the first output has no way from the last symbol in step, and a shorter one with each rung', () => {
    const paths = (length: number) => RUNGS.map((rung) => longestPath(rungGraph(rung, length), backwards(length)));
    // In, through all states of both networks, out; with attention from the symbol's own state to the output.
    expect(paths(5)).toEqual([Infinity, 1 + 4 + 1 + 4 + 1, 2, 3]);
    expect(paths(20).slice(2)).toEqual([2, 3]);
  });
});
