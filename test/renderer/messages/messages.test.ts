import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import en from '../../../renderer/messages/en.json' with { type: 'json' };
import { fill, maybe, t } from '../../../renderer/messages/messages.ts';
import { doors } from '../../../renderer/views/home/questions.ts';
import { sections } from '../../../renderer/views/train/fields.ts';

const folder = join(import.meta.dirname, '../../../renderer');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(svelte|ts)$/u.test(file))
  .map((file) => readFileSync(join(folder, file), 'utf8'));

describe('messages', () => {
  test('are filled in, numbers in the way of the language', () => {
    expect(t('progress.of', { total: 12_345 })).toBe('of 12,345 updates');
    expect(t('progress.of', { total: 'all' })).toBe('of all updates');
  });

  test('have the form of their number', () => {
    expect(t('import.rows', { count: 1 })).toBe('1 row');
    expect(t('import.rows', { count: 2000 })).toBe('2,000 rows');
  });

  test('refuse to be shown with a place left empty', () => {
    expect(() => fill('{a} of {b}', { a: 1 })).toThrow('needs a value for b');
  });

  test('are found by a key that was put together, where there is one', () => {
    expect(maybe('field.model.cell')).toBe('Cell');
    expect(maybe('field.model.nothing')).toBeUndefined();
    expect(maybe('toString')).toBeUndefined();
  });
});

describe('the catalogue', () => {
  /** Keys as they stand in the sources, and the patterns of those that are put together there. */
  const literal = new Set(
    sources.flatMap((source) => [...source.matchAll(/'([\w-]+(?:\.[\w-]+)*)'/gu)].map(([, key]) => key)),
  );
  const patterns = sources
    .flatMap((source) => [...source.matchAll(/`([\w-]+\.[^`]*\$\{[^`]*)`/gu)].map(([, key]) => key!))
    .map((key) => {
      const parts = key.split(/\$\{[^}]*\}/u).map((part) => part.replaceAll('.', '\\.'));
      return new RegExp(`^${parts.join('.+')}$`, 'u');
    });

  test('has nothing that is not used', () => {
    const used = (key: string): boolean => literal.has(key) || patterns.some((pattern) => pattern.test(key));
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });

  test.each(sections.flatMap(({ fields }) => fields.map(({ path }) => path)))('names and explains %s', (path) => {
    expect(maybe(`field.${path}`)).toBeDefined();
    expect(maybe(`help.${path}`)).toMatch(/\.$/u);
  });

  test.each(Object.values(doors).flatMap((list) => list.map(({ name }) => name)))('names the door %s', (name) => {
    expect(maybe(`door.${name}`)).toBeDefined();
  });

  test('has the same places in all forms of a message', () => {
    const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/gu)].map(([, place]) => place!).toSorted();
    for (const message of Object.values(en)) {
      if (typeof message === 'object') expect(places(message.one)).toEqual(places(message.other));
    }
  });
});

test('no text stands in the markup itself', () => {
  const markup = sources
    .filter((source) => source.startsWith('<!--'))
    .map((source) => source.replaceAll(/<!--.*?-->|<script.*?<\/script>|<style.*?<\/style>/gsu, ''));
  expect(markup.length).toBeGreaterThan(30);
  for (const source of markup) {
    const text = withoutBraces(source).replaceAll(/<[^>]*>/gsu, ' ');
    expect(text.match(/\p{Letter}{2,}/gu) ?? []).toEqual([]);
  }
});

/** What is left when every {expression} and {#block} is taken out. */
function withoutBraces(source: string): string {
  let depth = 0;
  let left = '';
  for (const character of source) {
    if (character === '{') depth++;
    else if (character === '}') depth--;
    else if (depth === 0) left += character;
  }
  return left;
}
