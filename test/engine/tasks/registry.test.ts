import { describe, expect, test } from 'vitest';
import { FormatError, InputError } from '../../../engine/errors.ts';
import { parseOptions, splitOptions } from '../../../engine/tasks/options.ts';
import type { TaskOption } from '../../../engine/tasks/options.ts';
import { makeTask, taskDefinition, taskDefinitions } from '../../../engine/tasks/registry.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { throughFile } from './batch.ts';

const OPTIONS = taskDefinitions.flatMap(({ id, options }) =>
  Object.entries<TaskOption>(options).map(([name, option]) => ({ task: id, name, option })),
);

describe('the list of tasks', () => {
  test('names each once and says what it is and where it comes from', () => {
    expect(taskDefinitions.map(({ id }) => id)).toEqual([
      'moby-dick',
      'names-gender',
      'names-generate',
      'language-id',
      'stress',
      'dates',
      'dates-aligned',
      'dates-translate',
      'number-words',
      'number-spelling',
      'pronunciation',
      'births',
      'co2',
      'adding',
      'copy-memory',
      'temporal-order',
      'reber',
      'parity',
      'addition',
      'addition-aligned',
      'reversal',
      'reversal-aligned',
      'sorting',
      'sorting-aligned',
    ]);
    for (const { title, description, origin } of taskDefinitions) {
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(origin.source).toMatch(/\.$/);
      expect(origin.licence).not.toBe('');
    }
  });

  test('finds a task by its id and guesses at a mistyped one', () => {
    expect(taskDefinition('reber').title).toBe('Embedded Reber grammar');
    expect(() => taskDefinition('rebber')).toThrow(InputError);
    expect(() => taskDefinition('rebber')).toThrow('the task "rebber" is not known; did you mean "reber"?');
    expect(() => taskDefinition('zzzzzzzz')).toThrow('known are moby-dick, names-gender');
  });

  test('makes the task that an experiment names', () => {
    const task = makeTask({ id: 'parity', length: 12 }, 3, null);
    expect(task).toMatchObject({ id: 'parity', title: 'Parity', kind: 'tagging', train: { maxSteps: 12 } });
    expect(() => makeTask({ id: 'parity', length: 'long' }, 3, null)).toThrow(
      'task.length is "long"; it must be a whole number from 10 to 10000',
    );
  });

  test('asks for the dataset a task is made from', () => {
    expect(() => makeTask({ id: 'co2' }, 0, null)).toThrow(
      'the task co2 was given no data; it is made from the dataset co2',
    );
    expect(() => makeTask({ id: 'co2' }, 0, { form: 'text', text: 'abc' })).toThrow(
      'was given data of the form "text"',
    );
  });
});

describe('options', () => {
  test.each(OPTIONS)(
    '$task: $name has its default within its range, and refuses what is beyond',
    ({ name, option }) => {
      const table = { [name]: option };
      expect(parseOptions(table, {})).toEqual({ [name]: option.default });
      expect(parseOptions(table, { [name]: option.default })).toEqual({ [name]: option.default });
      const refused =
        option.type === 'integer'
          ? [option.minimum - 1, option.maximum + 1, option.minimum + 0.5, '1', null]
          : option.type === 'number'
            ? [option.minimum / 2, option.maximum + 1, '1', null]
            : ['neither', 17, null];
      for (const value of refused) {
        expect(() => parseOptions(table, { [name]: value })).toThrow(InputError);
        expect(() => parseOptions(table, { [name]: value })).toThrow(
          `task.${name} is ${JSON.stringify(value)}; it must be`,
        );
      }
    },
  );

  test('that are not known are refused by name', () => {
    expect(() => parseOptions(splitOptions, { splitt: 1 })).toThrow(
      'task.splitt is not a known field; did you mean "split"?',
    );
    expect(() => parseOptions(splitOptions, 3)).toThrow('task is 3; it must be an object');
  });
});

describe('a state from a file', () => {
  const { state } = makeTask({ id: 'parity' }, 0, null);
  const forecast = {
    family: 'forecasting',
    interval: 'month',
    quantity: 'rain',
    unit: 'mm',
    window: 12,
    horizon: 1,
    difference: 0,
    calendar: false,
    mean: 0,
    deviation: 1,
    example: '2000-01-01',
  };

  test('is taken where it is right', () => {
    expect(restoreCodec(forecast).output).toEqual({
      kind: 'values',
      names: ['rain (mm), 1 month ahead'],
      per: 'sequence',
    });
  });

  test('gives the codec back', () => {
    const codec = restoreCodec(throughFile(state));
    const { kind, input, output, inputForm } = makeTask({ id: 'parity' }, 0, null).codec;
    expect(codec).toMatchObject({ kind, input, output, inputForm });
  });

  test.each([
    [null, "the task state's family is missing; it must be one of language, classification"],
    [[], "the task state's family is missing"],
    [{ ...state, family: 'constructor' }, 'the task state\'s family is "constructor"'],
    [{ ...state, symbols: 3 }, "the task state's symbols is 3; it must be a list of different texts"],
    [{ ...state, symbols: [] }, "the task state's symbols is []; it must be"],
    [{ ...state, symbols: ['0', 1] }, 'the task state\'s symbols is ["0",1]; it must be'],
    [{ ...state, symbols: ['0', '0'] }, 'the task state\'s symbols is ["0","0"]; it must be'],
    [{ ...state, separator: '-' }, 'the task state\'s separator is "-"; it must be "" or " "'],
    [{ ...state, extra: 1 }, "the task state's extra is not a known field"],
    [{ family: 'language' }, "the task state's symbols is missing"],
    [{ family: 'generation', symbols: ['a'], conditions: ['b'] }, 'the task state\'s symbols lack "<start>"'],
    [{ ...forecast, deviation: 0 }, "the task state's deviation is 0; it must be a number above 0"],
    [{ ...forecast, window: 2.5 }, "the task state's window is 2.5; it must be a whole number from 1"],
    [{ ...forecast, interval: 'decade' }, 'the task state\'s interval is "decade"; it must be "hour", "day", "week"'],
  ])('is refused where it is not right (%#)', (broken, message) => {
    expect(() => restoreCodec(broken)).toThrow(FormatError);
    expect(() => restoreCodec(broken)).toThrow(message);
  });
});
