import { describe, expect, test } from 'vitest';
import { ladderExperiment, RUNGS } from '../../../engine/sequences/trials.ts';
import { RunHistory } from '../../../renderer/state/run-history.ts';
import { rungFigures, share } from '../../../renderer/views/sequences/ladder.ts';
import { parseLookedAt } from '../../../renderer/views/sequences/looked-at.ts';
import { shapesOf, undrawnBecause } from '../../../renderer/views/sequences/shape-runs.ts';
import { runInfo } from '../fake-program.ts';
import { groupsOf, reached, rungOf, valueOf } from '../../../renderer/views/sequences/rung-runs.ts';

const tasks = { find: () => ({ kind: 'translation' }) as never };

describe('the rung of a run', () => {
  test.each(RUNGS)('is what its experiment says: %s', (rung) => {
    expect(rungOf({ experiment: structuredClone(ladderExperiment(rung)) }, tasks)).toBe(rung);
  });

  test('is none where no sequence becomes another', () => {
    const { model } = ladderExperiment('aligned');
    expect(rungOf({ experiment: { model, task: { id: 'names-gender' } } }, tasks)).toBeUndefined();
  });
});

describe('the shapes of a run', () => {
  const of = (model: object, kind: string): readonly string[] =>
    shapesOf({ experiment: { model, task: { id: 'small' } } }, { find: () => ({ kind }) as never });

  const because = (model: object) => undrawnBecause({ experiment: { model, task: { id: 'small' } } });
  const recurrent = { architecture: 'recurrent', bidirectional: false };
  const translator = { architecture: 'encoder-decoder', bidirectional: false, attention: 'none' };

  test('are what goes in and comes out of its model', () => {
    expect(of(recurrent, 'classification')).toEqual(['many-to-one']);
    expect(of(recurrent, 'generation')).toEqual(['one-to-many']);
    expect(of(recurrent, 'tagging')).toEqual(['aligned']);
    expect(of(recurrent, 'language')).toEqual(['aligned']);
    expect(of(recurrent, 'regression')).toEqual([]);
    expect(of({ ...recurrent, bidirectional: true }, 'tagging')).toEqual(['aligned']);
    expect(of(translator, 'translation')).toEqual(['unequal']);
    expect(of({ architecture: 'transformer' }, 'translation')).toEqual(['unequal']);
    expect(of({ architecture: 'transformer' }, 'classification')).toEqual(['many-to-one']);
    expect(shapesOf({ experiment: structuredClone(ladderExperiment('aligned')) }, tasks)).toEqual(['misfit']);
  });

  test('are drawn where states are handed on in one direction, and otherwise there is a reason', () => {
    expect([recurrent, translator].map(because)).toEqual([undefined, undefined]);
    expect([recurrent, translator].map((model) => because({ ...model, bidirectional: true }))).toEqual([
      'both-ways',
      'both-ways',
    ]);
    expect(because({ ...translator, attention: 'dot' })).toBe('attention');
    expect(because({ architecture: 'transformer' })).toBe('transformer');
  });
});

describe('what evaluations say by length', () => {
  const metric = (name: string, value: number) => ({ name, label: name, value, better: 'higher' as const });
  const history = RunHistory.from();
  history.appendEvaluation({ update: 1, metrics: [metric('exactMatch', 0.2), metric('exactMatchQuarter1', 0.4)] });
  history.append({ ...runInfo({ id: 'a' }).progress, update: 2, seconds: 1.5 });
  history.appendEvaluation({ update: 2, metrics: [metric('exactMatch', 0.5), metric('exactMatchQuarter1', 0.9)] });

  test('are the groups beside the whole, and their newest values', () => {
    expect(groupsOf([{ history }])).toEqual([{ name: 'exactMatchQuarter1', label: 'exactMatchQuarter1' }]);
    expect(valueOf({ history }, 'exactMatchQuarter1')).toBe(0.9);
    expect(valueOf({ history }, 'loss')).toBeNull();
    expect([0.2, 0.3, 0.6].map((enough) => reached({ history }, 'exactMatch', enough))).toEqual([
      { update: 1, seconds: null },
      { update: 2, seconds: 1.5 },
      null,
    ]);
    expect(reached(undefined, 'exactMatch', 0.5)).toBeNull();
    expect(valueOf(undefined, 'exactMatch')).toBeNull();
  });
});

describe('figures of a rung', () => {
  const measure = (seconds: number, right: number) => ({
    update: 1,
    seconds,
    right,
    asked: 20,
    items: [],
    lengths: [
      { steps: 3, right, asked: 10 },
      { steps: 15, right: right / 2, asked: 10 },
      { steps: 18, right: 0, asked: 5 },
    ],
  });
  const state = { name: 'rung-plain', update: 9, updates: 9, parameters: 5, seconds: 4, tokensPerSecond: 7, loss: 1 };

  test('tell shares by length, and the time until the task is learnt', () => {
    const measures = [measure(1, 2), measure(2, 10), measure(3, 8)];
    const perfect = { ...measure(4, 10), lengths: [{ steps: 3, right: 10, asked: 10 }] };
    const course = { state: state as never, measures };
    expect(rungFigures('plain', course, 0.9)).toMatchObject({
      trained: 0.6,
      longest: 0.4,
      beyond: 0,
      secondsToLearn: null,
    });
    expect(rungFigures('plain', { ...course, measures: [...measures, perfect] }, 0.9).secondsToLearn).toBe(4);
    // Of strings of up to 32 symbols, the longest quarter is another, and there are more states in a row.
    const longer = rungFigures('plain', course, 0.9, 'long');
    expect(longer).toMatchObject({ longest: null, beyond: null, sequentialSteps: 64, path: 65 });
    expect(rungFigures('transformer', course, 0.9, 'long')).toMatchObject({ sequentialSteps: 2, path: 3 });
    expect(rungFigures('plain', course, 0.75).secondsToLearn).toBe(2);
    expect(rungFigures('plain', undefined, 0.9)).toMatchObject({ trained: null, tokensPerSecond: null });
    expect(share(measure(1, 2), 16, 17)).toBeNull();
  });
});

test('an address names a shape or a rung, and any other leads to the first', () => {
  expect(parseLookedAt('shapes.unequal')).toMatchObject({ part: 'shapes', shape: 'unequal' });
  expect(parseLookedAt('ladder.plain')).toMatchObject({ part: 'ladder', rung: 'plain' });
  expect(parseLookedAt('unrolled.w.3.1')).toEqual({ part: 'shapes', shape: 'one-to-one', rung: 'aligned' });
});
