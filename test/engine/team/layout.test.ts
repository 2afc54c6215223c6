import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ARENA_START } from '../../../engine/core/core.ts';
import { buildRecurrentModel } from '../../../engine/models/recurrent-model.ts';
import { CONTROL_BYTES } from '../../../engine/team/control.ts';
import { layOut } from '../../../engine/team/layout.ts';
import type { Network, Plan } from '../../../engine/team/network.ts';
import { modelSpec } from '../models/running-model.ts';

interface Region {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Takes memory of every kind and remembers where it lies. */
class Taker implements Network {
  readonly shared: readonly Region[];
  readonly own: readonly Region[];

  constructor(plan: Plan, sizes: readonly number[]) {
    const { parameters, derived, staging, activations, share, gradientOffset } = plan;
    for (const [index, size] of sizes.entries()) {
      parameters.table(`p${index}`, size, [size], { kind: 'constant', value: 0 });
    }
    const from = parameters.start;
    const to = from + parameters.bytes;
    this.shared = [
      { name: 'parameters', from, to },
      ...sizes.map((size) => region('derived', derived.take(size * 4), size * 4)),
      ...sizes.map((size) => region('staging', staging.take(size * 4), size * 4)),
    ];
    this.own = [
      { name: 'gradients', from: from + gradientOffset, to: to + gradientOffset },
      ...sizes.map((size) => {
        const { at, panels, stride } = activations.matrix(size * share.batch, [size]);
        return region('activations', at, panels * stride);
      }),
    ];
  }

  forward(): number {
    return 0;
  }

  backward(): void {
    // Only its plan is looked at.
  }
}

function region(name: string, from: number, bytes: number): Region {
  return { name, from, to: from + bytes };
}

describe("a team's memory", () => {
  test('has a place of its own for everything, on any number of threads', () => {
    const draws = fc.record({
      threads: fc.integer({ min: 1, max: 5 }),
      batchSize: fc.integer({ min: 1, max: 9 }),
      slots: fc.integer({ min: 0, max: 2 }),
      sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(draws, ({ threads, batchSize, slots, sizes }) => {
        const layout = layOut({ build: (plan) => new Taker(plan, sizes), batchSize, threads, slots });
        const [first] = layout.placed;
        expect(layout.placed.length).toBe(threads);
        for (const { network } of layout.placed) expect(network.shared).toEqual(first!.network.shared);

        const parameters = layout.parameters.start;
        const regions = [
          { name: 'constants and zeros', from: 0, to: ARENA_START },
          region('control', layout.control, CONTROL_BYTES),
          ...first!.network.shared,
          ...Array.from({ length: slots }, (_, k) =>
            region('slot', parameters + (k + 1) * layout.slotBytes, layout.slotBytes),
          ),
          ...layout.placed.flatMap(({ network }) => network.own),
        ].sort((a, b) => a.from - b.from || a.to - b.to);
        regions.forEach(({ name, from, to }, index) => {
          expect(from % 64, name).toBe(0);
          const next = regions[index + 1]?.from ?? layout.bytes;
          expect(to, `${name} before ${regions[index + 1]?.name ?? 'the end'}`).toBeLessThanOrEqual(next);
        });
      }),
    );
  });

  test('is the same however often it is planned', () => {
    const spec = modelSpec({ layers: 2, embeddingSize: 3, dropout: true, lengths: true });
    const plan = () => layOut({ build: buildRecurrentModel(spec), batchSize: 5, threads: 3, slots: 2 });
    const [one, other] = [plan(), plan()];
    expect(other.bytes).toBe(one.bytes);
    expect(other.parameters.list).toEqual(one.parameters.list);
    expect(other.placed.map(({ plan: { traces } }) => traces)).toEqual(
      one.placed.map(({ plan: { traces } }) => traces),
    );
  });
});
