import { expect, test } from 'vitest';
import { progressLine, type ProgressLine } from '../../../electron/cli/progress-bar.ts';

const line: ProgressLine = {
  progress: {
    update: 250,
    totalUpdates: 1000,
    epoch: 0,
    loss: 1.5,
    gradientNorm: 1,
    learningRate: 0.001,
    tokensPerSecond: 85_000,
    seconds: 25,
    secondsLeft: 75,
  },
  metric: { name: 'bitsPerCharacter', label: 'bits per character', value: 2.25, better: 'lower' },
  threads: 2,
  build: 'relaxed-shared',
};

test('tells everything where there is room', () => {
  expect(progressLine(line, 140)).toBe(
    ` 25% ${'█'.repeat(6)}${'░'.repeat(18)}  250/1,000  loss 1.500  bits per character 2.250  85.0k tokens/s  ` +
      '1:15 left  2 × relaxed-shared',
  );
});

test('leaves out what matters least where there is little', () => {
  for (let width = 20; width < 140; width++) {
    expect(progressLine(line, width).length).toBeLessThanOrEqual(width);
  }
  const narrow = progressLine(line, 60);
  expect(narrow).toContain('1:15 left');
  expect(narrow).toContain('loss 1.500');
  expect(narrow).not.toContain('relaxed');
});

test('the bar is empty at the start and full at the end', () => {
  const at = (update: number) => progressLine({ ...line, progress: { ...line.progress, update } }, 140);
  expect(at(0)).toMatch(/^ {2}0% ░{24} /);
  expect(at(1000)).toMatch(/^100% █{24} /);
});
