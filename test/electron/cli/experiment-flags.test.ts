import { describe, expect, test } from 'vitest';
import { experimentFlags, experimentFrom } from '../../../electron/cli/experiment-flags.ts';
import { parseFlags } from '../../../electron/cli/flags.ts';
import { preset, presetFor } from '../../../electron/experiments/presets.ts';
import { taskDefinitions } from '../../../engine/tasks/registry.ts';

function from(line: string, file?: Parameters<typeof experimentFrom>[1]) {
  return experimentFrom(parseFlags(line.split(' '), experimentFlags).values, file);
}

describe('experimentFrom', () => {
  test('a task alone is its preset, without its name', () => {
    const { name, ...settings } = preset('births');
    expect(name).toBeDefined();
    expect(from('--task births')).toEqual(settings);
  });

  test('every task has a preset', () => {
    for (const { id } of taskDefinitions) {
      expect(presetFor(id)?.task.id).toBe(id);
    }
  });

  test('flags take the place of fields', () => {
    const flags =
      '--task names-gender --hidden 9 --layers 3 --no-bidirectional --embedding 4 --dropout 0.5 --pooling max ' +
      '--forget-bias 2 --batch 7 --epochs 2 --lr 0.5 --weight-decay 0.1 --warmup 3 --clip 2 --patience 4 ' +
      '--evaluate-every 5 --checkpoint-every 6 --seed 8 --name mine --option split=3';
    expect(from(flags)).toMatchObject({
      name: 'mine',
      seed: 8,
      task: { id: 'names-gender', split: 3 },
      model: {
        hiddenSize: 9,
        layers: 3,
        bidirectional: false,
        embeddingSize: 4,
        dropout: 0.5,
        pooling: 'max',
        init: { forgetBias: 2 },
      },
      training: {
        batchSize: 7,
        epochs: 2,
        optimizer: { learningRate: 0.5, weightDecay: 0.1 },
        schedule: { warmup: 3 },
        clipNorm: 2,
        earlyStopping: { patience: 4, minDelta: 0 },
        evaluateEvery: 5,
        checkpointEvery: 6,
      },
    });
  });

  test('another architecture keeps what it has a counterpart for', () => {
    const attention = from(
      '--task dates-aligned --architecture encoder-decoder --attention additive --hidden 40 --teacher-forcing 0.7',
    );
    expect(attention.model).toMatchObject({ attention: 'additive', attentionSize: 40, hiddenSize: 40 });
    expect(attention.training.teacherForcing).toBe(0.7);
    expect(
      from('--task dates-aligned --architecture encoder-decoder --attention dot --no-bidirectional').model,
    ).toMatchObject({
      attention: 'dot',
      attentionSize: 0,
    });
    const line =
      '--task dates-aligned --architecture transformer --model-size 24 --heads 3 --layers 1 --feed-forward 50 --norm post ' +
      '--activation relu --positions learned --max-positions 99';
    expect(from(line).model).toEqual({
      architecture: 'transformer',
      modelSize: 24,
      heads: 3,
      layers: 1,
      feedForwardSize: 50,
      norm: 'post',
      activation: 'relu',
      positions: 'learned',
      maxPositions: 99,
      dropout: 0,
      pooling: 'mean',
    });
    const back = from('--architecture recurrent', from(line));
    expect(back.model).toMatchObject({ architecture: 'recurrent', cell: 'lstm', hiddenSize: 24 });
    expect(() => from('--task dates-aligned --architecture transformer --hidden 8')).toThrow(
      'model.hiddenSize belongs to the architectures "recurrent" and "encoder-decoder"',
    );
  });

  test('another cell, optimizer or schedule drops what belonged to the one before', () => {
    const { model, training } = from('--task births --cell rnn --optimizer sgd --schedule step --step-every 10');
    expect(model).toMatchObject({ cell: 'rnn', nonlinearity: 'tanh' });
    expect(model).not.toHaveProperty('init.forgetBias');
    expect(training.optimizer).toEqual({
      kind: 'sgd',
      learningRate: 0.1,
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
    });
    expect(training.schedule).toEqual({
      kind: 'step',
      warmup: preset('births').training.schedule.warmup,
      factor: 0.5,
      every: 10,
    });
  });

  test('updates take the place of epochs, and a patience of 0 that of early stopping', () => {
    const { training } = from('--task births --updates 10');
    expect(training.updates).toBe(10);
    expect(training).not.toHaveProperty('epochs');
    expect(from('--patience 0', from('--task births --patience 3')).training.earlyStopping).toBeNull();
  });

  test('another task beside a file drops the options of the file’s', () => {
    const file = from('--task adding --option length=20');
    expect(from('--hidden 5', file).task).toEqual({ id: 'adding', length: 20 });
    expect(from('--task parity', file).task).toEqual({ id: 'parity' });
    expect(from('--task adding --option validationItems=9', file).task).toEqual({
      ...file.task,
      validationItems: 9,
    });
  });

  test('options are read as their task has them', () => {
    expect(from('--task births --option calendar=false --option window=14').task).toMatchObject({
      calendar: false,
      window: 14,
    });
    expect(from('--task temporal-order --option marked=3').task).toMatchObject({ marked: '3' });
  });
});
