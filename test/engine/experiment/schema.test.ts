import { describe, expect, test } from 'vitest';
import { experimentToJson, parseExperiment, parseExperimentText } from '../../../engine/experiment/schema.ts';
import { InputError } from '../../../engine/errors.ts';

const smallest = {
  format: 'unrolled-experiment',
  version: 1,
  task: { id: 'moby-dick' },
  model: { cell: 'lstm', hiddenSize: 128 },
  training: { epochs: 5 },
};

/** `smallest` with the value at a dotted path replaced, or removed where it is undefined. */
function changed(path: string, value: unknown, base: object = smallest): unknown {
  const json = structuredClone(base) as Record<string, unknown>;
  const names = path.split('.');
  let place = json;
  for (const name of names.slice(0, -1)) {
    place[name] ??= {};
    place = place[name] as Record<string, unknown>;
  }
  const last = names.at(-1) ?? '';
  if (value === undefined) {
    Reflect.deleteProperty(place, last);
  } else {
    place[last] = value;
  }
  return json;
}

describe('parseExperiment', () => {
  test('fills in every default', () => {
    expect(parseExperiment(smallest)).toEqual({
      format: 'unrolled-experiment',
      version: 1,
      seed: 0,
      task: { id: 'moby-dick' },
      model: {
        architecture: 'recurrent',
        cell: 'lstm',
        hiddenSize: 128,
        layers: 1,
        bidirectional: false,
        embeddingSize: 0,
        dropout: 0,
        pooling: 'last',
        init: { recurrent: 'uniform', input: 'uniform', recurrentScale: 1, forgetBias: 1 },
      },
      training: {
        batchSize: 32,
        steps: 64,
        epochs: 5,
        optimizer: { kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 },
        schedule: { kind: 'constant', warmup: 0 },
        clipNorm: 1,
        stateful: true,
        teacherForcing: 1,
        earlyStopping: null,
        evaluateEvery: 0,
        checkpointEvery: 1000,
      },
    });
  });

  test('keeps what is given, and the options of the task as they are', () => {
    const json = {
      ...smallest,
      name: 'adding, 100 steps',
      seed: 4294967295,
      task: { id: 'adding', steps: 100, nested: { list: [1, null, 'a'] } },
      model: {
        cell: 'rnn',
        nonlinearity: 'relu',
        hiddenSize: 64,
        layers: 2,
        dropout: 0.25,
        pooling: 'mean',
        init: { recurrent: 'orthogonal', input: 'normal', recurrentScale: 0.5 },
      },
      training: {
        updates: 5000,
        optimizer: { kind: 'sgd', learningRate: 0.5, momentum: 0.9, nesterov: true },
        schedule: { kind: 'step', warmup: 10, factor: 0.1, every: 1000 },
        earlyStopping: { patience: 3 },
      },
    };
    const experiment = parseExperiment(json);
    expect(experiment).toMatchObject(json);
    expect(experiment.training.earlyStopping).toEqual({ patience: 3, minDelta: 0 });
    expect(experiment.model).not.toHaveProperty('init.forgetBias');
    expect(experiment.training).not.toHaveProperty('epochs');
  });

  test('gives back through JSON what it read', () => {
    for (const cell of ['rnn', 'lstm', 'gru']) {
      for (const kind of ['sgd', 'rmsprop', 'adam', 'adamw']) {
        const experiment = parseExperiment(
          changed('training.optimizer', { kind }, changed('model.cell', cell) as object),
        );
        expect(parseExperiment(experimentToJson(experiment))).toEqual(experiment);
        expect(parseExperimentText(JSON.stringify(experiment), 'a.json')).toEqual(experiment);
      }
    }
  });

  test('fills in the defaults of an encoder-decoder', () => {
    const model = { architecture: 'encoder-decoder', cell: 'gru', hiddenSize: 24, attention: 'additive' };
    const experiment = parseExperiment(changed('model', model));
    expect(experiment.model).toEqual({
      ...model,
      layers: 1,
      bidirectional: false,
      embeddingSize: 0,
      attentionSize: 24,
      dropout: 0,
      init: { recurrent: 'uniform', input: 'uniform', recurrentScale: 1 },
    });
    expect(parseExperiment(experimentToJson(experiment))).toEqual(experiment);
    for (const attention of ['none', 'dot', 'scaled-dot', 'general']) {
      const other = parseExperiment(changed('model', { ...model, attention }));
      expect(other.model).toMatchObject({ attention, attentionSize: 0 });
      expect(parseExperiment(experimentToJson(other))).toEqual(other);
    }
  });

  test('fills in the defaults of a transformer', () => {
    const model = { architecture: 'transformer', modelSize: 64 };
    const experiment = parseExperiment(changed('model', model));
    expect(experiment.model).toEqual({
      ...model,
      heads: 4,
      layers: 2,
      feedForwardSize: 256,
      norm: 'pre',
      activation: 'gelu',
      positions: 'sinusoidal',
      maxPositions: 0,
      dropout: 0,
      pooling: 'mean',
    });
    const learned = parseExperiment(changed('model', { ...model, positions: 'learned', norm: 'post' }));
    expect(learned.model).toMatchObject({ maxPositions: 256 });
    expect(parseExperiment(experimentToJson(learned))).toEqual(learned);
  });

  test.each([
    [{ attention: 'dto' }, 'attention is "dto"; it must be "none", "additive", "dot", "scaled-dot" or "general"'],
    [
      { attention: 'dot', bidirectional: true },
      'attention is "dot", but a bidirectional encoder\'s states are twice as',
    ],
    [{ attention: 'dot', attentionSize: 8 }, 'attentionSize is 8, but it belongs to additive attention'],
    [{ attention: 'additive', attentionSize: 0 }, 'attentionSize is 0, but additive attention compares in vectors'],
    [{ cell: 'gru', nonlinearity: 'relu' }, 'nonlinearity belongs to the cell "rnn"'],
    [{ pooling: 'mean' }, 'pooling belongs to the architectures "recurrent" and "transformer"'],
    [{ heads: 2 }, 'heads belongs to the architecture "transformer"'],
    [{ hiddenSize: undefined }, 'hiddenSize is missing'],
    [{ cell: undefined }, 'cell is missing'],
  ])('refuses the encoder-decoder with %j', (change, message) => {
    const model = { architecture: 'encoder-decoder', cell: 'lstm', hiddenSize: 16, ...change };
    expect(() => parseExperiment(JSON.parse(JSON.stringify(changed('model', model))))).toThrow(`model.${message}`);
  });

  test.each([
    [{ heads: 5 }, 'heads is 5, but each head takes an equal part of modelSize, which is 64; it must divide that'],
    [
      { modelSize: 63, heads: 3 },
      'modelSize is 63, but sinusoidal positions are pairs of sine and cosine; it must be even',
    ],
    [{ maxPositions: 9 }, 'maxPositions is 9, but it belongs to learned positions'],
    [{ positions: 'learned', maxPositions: 0 }, 'maxPositions is 0, but learned positions need a number of them'],
    [{ hiddenSize: 64 }, 'hiddenSize belongs to the architectures "recurrent" and "encoder-decoder"'],
    [{ norm: 'middle' }, 'norm is "middle"; it must be "pre" or "post"'],
    [{ dropout: 1 }, 'dropout is 1; it must be a number from 0, below 1'],
  ])('refuses the transformer with %j', (change, message) => {
    const model = { architecture: 'transformer', modelSize: 64, ...change };
    expect(() => parseExperiment(changed('model', model))).toThrow(`model.${message}`);
  });

  test('forces a decoder, not a transformer', () => {
    const training = { updates: 9, teacherForcing: 0.5 };
    const parse = (model: object) => parseExperiment({ ...smallest, model, training });
    expect(parse({ architecture: 'encoder-decoder', cell: 'rnn', hiddenSize: 8 }).training.teacherForcing).toBe(0.5);
    expect(() => parse({ architecture: 'transformer', modelSize: 8 })).toThrow(
      /^the experiment: training.teacherForcing/,
    );
  });

  test.each([
    ['format', undefined, 'format is missing; an experiment has "format": "unrolled-experiment"'],
    ['format', 'onnx', 'format is "onnx"; an experiment has "format": "unrolled-experiment"'],
    ['version', 2, 'version is 2; this program reads version 1'],
    ['seed', -1, 'seed is -1; it must be a whole number from 0 to 4294967295'],
    ['name', '', 'name is ""; it must be a text of 1 to 200 characters'],
    ['task', undefined, 'task is missing'],
    ['task', 7, 'task is 7; it must be an object'],
    ['task.id', undefined, 'task.id is missing'],
    ['task.id', 3, 'task.id is 3; it must be a text of 1 to 100 characters'],
    ['task.f', Number.NaN, 'task.f is not a value that JSON can carry'],
    ['model', undefined, 'model is missing'],
    ['model', 'lstm', 'model is "lstm"; it must be an object'],
    ['model.cell', 'ltsm', 'model.cell is "ltsm"; it must be "rnn", "lstm" or "gru" (did you mean "lstm"?)'],
    ['model.hiddenSize', undefined, 'model.hiddenSize is missing'],
    ['model.hiddenSize', 0, 'model.hiddenSize is 0; it must be a whole number from 1 to 8192'],
    ['model.hiddenSize', 12.5, 'model.hiddenSize is 12.5; it must be a whole number from 1 to 8192'],
    ['model.hiddenSize', '128', 'model.hiddenSize is "128"; it must be a whole number from 1 to 8192'],
    ['model.dropout', 1, 'model.dropout is 1; it must be a number from 0, below 1'],
    ['model.bidirectional', 'yes', 'model.bidirectional is "yes"; it must be true or false'],
    ['model.pooling', 'sum', 'model.pooling is "sum"; it must be "last", "mean" or "max"'],
    ['model.nonlinearity', 'relu', /^the experiment: model.nonlinearity belongs to the cell "rnn"/],
    ['model.heads', 4, 'model.heads belongs to the architecture "transformer"'],
    ['model.attention', 'dot', 'model.attention belongs to the architecture "encoder-decoder"'],
    [
      'model.architecture',
      'transfomer',
      'model.architecture is "transfomer"; it must be "recurrent", "encoder-decoder" or "transformer" ' +
        '(did you mean "transformer"?)',
    ],
    [
      'training.teacherForcing',
      0.5,
      'training.teacherForcing is 0.5, but the architecture "recurrent" has no decoder that could read its own answers; ' +
        'it must be 1',
    ],
    ['training.teacherForcing', 2, 'training.teacherForcing is 2; it must be a number from 0 to 1'],
    ['model.init', [], 'model.init is []; no list belongs here'],
    ['model.init', null, 'model.init is null; it must be an object'],
    ['model.init.chronoSteps', 2, 'model.init.chronoSteps is 2; it must be a whole number from 3 to 1000000'],
    ['model.init.forgetbias', 1, 'model.init.forgetbias is not a known field; did you mean "forgetBias"?'],
    ['training', {}, 'training needs "epochs" or "updates" to say how long it lasts'],
    ['training.updates', 7, 'training has both "epochs" and "updates"; exactly one of them says how long it lasts'],
    ['training.batchsize', 7, 'training.batchsize is not a known field; did you mean "batchSize"?'],
    ['training.optimizer', 'adam', 'training.optimizer is "adam"; it must be an object'],
    ['training.optimizer.kind', 'adma', /must be "sgd", "rmsprop", "adam" or "adamw" \(did you mean "adam"\?\)$/],
    ['training.optimizer.learningRate', 0, /learningRate is 0; it must be a number above 0, at most 100$/],
    ['training.optimizer.learningRate', null, /learningRate is null; it must be a number above 0, at most 100$/],
    ['training.optimizer.momentum', 0.9, 'training.optimizer.momentum belongs to the kinds "sgd" and "rmsprop"'],
    ['training.optimizer', { kind: 'sgd', nesterov: true }, /nesterov is true while momentum is 0/],
    ['training.schedule', { kind: 'step' }, 'training.schedule.every is missing'],
    ['training.schedule', { kind: 'step', floor: 0 }, 'training.schedule.every is missing'],
    ['training.schedule', { kind: 'cosine', every: 3 }, 'training.schedule.every belongs to the kind "step"'],
    ['training.earlyStopping', {}, 'training.earlyStopping.patience is missing'],
    ['training.earlyStopping.patience', 0, /earlyStopping.patience is 0; it must be a whole number from 1 to 1000000$/],
    [
      'frobnicate',
      1,
      'frobnicate is not a known field; known here are format, version, name, seed, task, model, training',
    ],
    ['__proto__', 1, /is not a known field/],
  ])('refuses %s = %j', (path, value, message) => {
    const json: unknown =
      path === '__proto__'
        ? JSON.parse(JSON.stringify(smallest).replace('{', '{"__proto__":1,'))
        : changed(path, value);
    const parse = () => parseExperiment(json);
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(typeof message === 'string' ? new InputError(`the experiment: ${message}`) : message);
  });

  test.each([null, [], 'x', 3])('refuses %j in place of an object', (json) => {
    expect(() => parseExperiment(json, 'a.json')).toThrow(/^a\.json holds .*; an experiment is a JSON object$/);
  });

  test('cuts long values in messages', () => {
    expect(() => parseExperiment(changed('model.pooling', 'x'.repeat(1000)))).toThrow(/^.{1,160}$/);
  });

  test('names the place of a syntax error', () => {
    expect(() => parseExperimentText('{\n"format" 1}', 'a.json')).toThrow(
      'a.json, line 2, column 10: ":" was expected',
    );
  });
});
