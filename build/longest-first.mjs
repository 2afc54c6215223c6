/**
 * The order of the files of tests. The longest come first, so that none of them is still running when everything else
 * has ended; the files that share processes come last, one after the other, so that their processes stay busy with them.
 */
import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/**
 * The longest on an idle machine, the longest first. Tests of pages, which wait for the browser, alternate with those
 * that compute. A file that is no longer there does no harm, and one that is missing only begins later.
 */
const LONGEST = [
  'test/e2e/attention.test.ts',
  'test/bench/bench.test.ts',
  'test/e2e/pages.test.ts',
  'test/electron/cli/resume.test.ts',
  'test/e2e/sequences.test.ts',
  'test/electron/runs/runs.test.ts',
  'test/e2e/gradients.test.ts',
  'test/electron/exports/large.test.ts',
  'test/e2e/export.test.ts',
  'test/engine/sequences/trial.test.ts',
  'test/e2e/gates.test.ts',
  'test/electron/datasets/bundled.test.ts',
  'test/e2e/own-data.test.ts',
  'test/frame/package.test.ts',
  'test/e2e/first-run.test.ts',
  'test/electron/cli/export.test.ts',
  'test/e2e/predict.test.ts',
  'test/engine/exports/pytorch.test.ts',
  'test/e2e/many-runs.test.ts',
  'test/electron/exports/service.test.ts',
  'test/electron/tasks/service.test.ts',
  'test/electron/experiments/service.test.ts',
  'test/electron/launch.test.ts',
  'test/engine/exports/snippets.test.ts',
  'test/electron/cli/train.test.ts',
  'test/electron/runs/kill.test.ts',
];

export class LongestFirst extends BaseSequencer {
  /**
   * @override
   * @param {import('vitest/node').TestSpecification[]} files
   * @returns {Promise<import('vitest/node').TestSpecification[]>}
   */
  async sort(files) {
    // Vitest's own order knows how long files took here the last time, or how large they are.
    const sorted = await super.sort(files);
    const rank = new Map(LONGEST.map((path, i) => [path, i]));
    /** @param {import('vitest/node').TestSpecification} file */
    const keysOf = ({ moduleId, project: { config } }) => {
      const path = relative(this.ctx.config.root, moduleId).replaceAll('\\', '/');
      return [
        rank.get(path) ?? LONGEST.length,
        config.isolate ? 0 : 1,
        config.isolate ? 0 : config.name === 'face' ? 0 : 1,
      ];
    };
    const keyed = sorted.map((file) => ({ file, keys: keysOf(file) }));
    // Sorting is stable.
    keyed.sort((a, b) => a.keys.map((key, i) => key - (b.keys[i] ?? 0)).find((difference) => difference !== 0) ?? 0);
    return keyed.map(({ file }) => file);
  }
}
