/** RMSprop with momentum and centered, against PyTorch itself where there is a Python that has it. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { optimizerSlots } from '../../../engine/team/optimizer.ts';
import { Numbers } from '../../reference/numbers.ts';
import { rmsPropStep } from '../../reference/optimizers.ts';
import { pythonWith } from '../../python.ts';

const optimizerOf = (settings: object) =>
  parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    task: { id: 'parity' },
    model: { cell: 'lstm', hiddenSize: 3 },
    training: { updates: 1, optimizer: settings },
  }).training.optimizer;

test('the settings have PyTorch’s defaults and names, and the state its tensors', () => {
  const plain = optimizerOf({ kind: 'rmsprop' });
  expect(plain).toMatchObject({ momentum: 0, centered: false });
  expect(optimizerSlots(plain)).toEqual(['square_avg']);
  expect(optimizerSlots(optimizerOf({ kind: 'rmsprop', momentum: 0.9 }))).toEqual(['square_avg', 'momentum_buffer']);
  expect(optimizerSlots(optimizerOf({ kind: 'rmsprop', centered: true }))).toEqual(['square_avg', 'grad_avg']);
  expect(optimizerSlots(optimizerOf({ kind: 'rmsprop', momentum: 0.9, centered: true }))).toEqual([
    'square_avg',
    'momentum_buffer',
    'grad_avg',
  ]);
  expect(() => optimizerOf({ kind: 'adam', momentum: 0.9 })).toThrow(/belongs to the kinds "sgd" and "rmsprop"/u);
  expect(() => optimizerOf({ kind: 'sgd', centered: true })).toThrow(/belongs to the kind "rmsprop"/u);
});

const withTorch = pythonWith('torch');
const PYTHON = `
import json, sys
import torch
torch.set_default_dtype(torch.float64)
given = json.load(sys.stdin)
w = torch.tensor(given["w"], requires_grad=True)
optimizer = torch.optim.RMSprop([w], lr=given["rate"], alpha=given["alpha"], eps=given["eps"], momentum=given["momentum"],
    centered=given["centered"], weight_decay=given["weightDecay"])
for gradient in given["gradients"]:
    w.grad = torch.tensor(gradient)
    optimizer.step()
print(json.dumps(w.tolist()))
`;

describe.runIf(withTorch)('the reference is PyTorch’s', () => {
  test.each([
    [0, false, 0],
    [0.9, false, 0.1],
    [0, true, 0],
    [0.8, true, 0.05],
  ])('momentum %d, centered %s, decay %d', (momentum, centered, weightDecay) => {
    const numbers = new Numbers(5);
    const settings = { rate: 0.02, alpha: 0.9, eps: 1e-6, momentum, centered, weightDecay };
    const w = numbers.matrix(1, 7).data;
    const gradients = Array.from({ length: 20 }, () => [...numbers.matrix(1, 7).data]);
    const input = JSON.stringify({ ...settings, w: [...w], gradients });
    const { status, stdout, stderr } = spawnSync(withTorch!, ['-c', PYTHON], { input, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const state = { v: new Float64Array(7), buffer: new Float64Array(7), mean: new Float64Array(7) };
    for (const gradient of gradients) rmsPropStep(w, Float64Array.from(gradient), state, settings);
    (JSON.parse(stdout) as number[]).forEach((want, i) => expect(w[i]).toBeCloseTo(want, 12));
  });
});
