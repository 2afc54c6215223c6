import { describe, expect, test } from 'vitest';
import type { ImportPreview } from '../../../electron/api/data.ts';
import { columnOf, mappingFor, withColumn } from '../../../renderer/views/data/mapping.ts';

type Column = ImportPreview['columns'][number];
const column = (name: string, type: Column['type']): Column => ({ name, type, filled: 1, distinct: 1, examples: [] });
const columns = [column('day', 'date'), column('visitors', 'number'), column('weather', 'category')];

describe('a mapping', () => {
  test('is the one that was suggested for its form', () => {
    const suggestions = [{ form: 'labelled', text: 'weather', label: 'day' }] as const;
    expect(mappingFor('labelled', { columns, suggestions: [...suggestions] })).toEqual(suggestions[0]);
  });

  test.each([
    ['text', { form: 'text', column: 'day' }],
    ['labelled', { form: 'labelled', text: 'day', label: 'visitors' }],
    ['series', { form: 'series', value: 'visitors', date: 'day' }],
    ['pairs', { form: 'pairs', source: 'day', target: 'visitors' }],
  ] as const)('of the form %s otherwise takes what fits', (form, mapping) => {
    expect(mappingFor(form, { columns, suggestions: [] })).toEqual(mapping);
  });

  test('of a file without columns is the whole text', () => {
    expect(mappingFor('text', { columns: [], suggestions: [] })).toEqual({ form: 'text' });
  });

  test('of a series without dates has none', () => {
    expect(mappingFor('series', { columns: [column('n', 'number')], suggestions: [] })).toEqual({
      form: 'series',
      value: 'n',
    });
  });

  test('is changed part by part, and parts are left open', () => {
    const series = mappingFor('series', { columns, suggestions: [] });
    expect(columnOf(withColumn(series, 'value', 'weather'), 'value')).toBe('weather');
    expect(withColumn(series, 'date', undefined)).toEqual({ form: 'series', value: 'visitors' });
  });
});
