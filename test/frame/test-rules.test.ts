/** The rules that ESLint applies to tests. */
import { ESLint, Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import { polledReads, sentenceTitles } from '../../build/test-rules.mjs';

const linter = new Linter();

/** What a rule says about TypeScript, message by message. */
function complaints(rule: 'polled-reads' | 'sentence-titles', code: string): string[] {
  const messages = linter.verify(
    code,
    {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      plugins: { unrolled: { rules: { 'polled-reads': polledReads, 'sentence-titles': sentenceTitles } } },
      rules: { [`unrolled/${rule}`]: 'error' },
    },
    'test/e2e/a.test.ts',
  );
  return messages.map(({ message }) => message);
}

/** The code of a test with these statements. */
const within = (...statements: string[]): string => `test('a title', async () => { ${statements.join('\n')} });`;

describe('a page may be read', () => {
  test.each([
    ['by expect.poll', within("await expect.poll(() => cursor.getAttribute('aria-valuetext')).toBe('1');")],
    ['by eventually', within('await eventually(async () => { expect(await rows.count()).toBe(2); });')],
    [
      'by a function that is given to expect.poll',
      within('const said = () => a.innerText();', 'await expect.poll(said).toBe(1);'),
    ],
    [
      'by a function that expect.poll calls',
      within(
        'async function said() { return a.innerText(); }',
        'await expect.poll(async () => (await said()).length).toBe(1);',
      ),
    ],
    [
      'inside of what is called there',
      within("await expect.poll(async () => Promise.all(all.map((one) => one.innerText()))).toEqual(['1']);"),
    ],
    [
      'by a function of the file that polls what it is given',
      within(
        'async function shows(look, want) { await eventually(async () => expect(await look()).toBe(want)); }',
        'await shows(() => a.innerText(), 2);',
      ),
    ],
    ['by a function that nobody calls here', 'export const said = (a) => a.innerText();'],
    ['for the address, by expect.poll', within("await expect.poll(() => page.url()).toContain('#/runs');")],
  ])('%s', (_how, code) => {
    expect(complaints('polled-reads', code)).toEqual([]);
  });
});

describe('a page may not be read once', () => {
  test.each([
    ['in an expectation', within("expect(await cursor.getAttribute('aria-valuetext')).toBe('1');"), 'getAttribute'],
    ['for what is expected', within('expect(1).toBe(await rows.count());'), 'count'],
    ['for a variable', within('const before = await update.innerText();', 'expect(before).toBe(1);'), 'innerText'],
    ['by a function', within('const said = async () => a.innerText();', 'expect(await said()).toBe(1);'), 'said'],
    [
      'by a function that calls another',
      within(
        'const said = () => a.innerText();',
        'async function count() { return (await said()).length; }',
        'expect(await count()).toBe(1);',
      ),
      'count',
    ],
    [
      'by a function that is given to one that does not poll',
      within('async function shows(look) { expect(await look()).toBe(1); }', 'await shows(() => a.innerText());'),
      'innerText',
    ],
    ['beside a poll', within('await expect.poll(() => a.count()).toBe(await b.count());'), 'count'],
    ['in a condition', within('if (await next.isDisabled()) return;'), 'isDisabled'],
    ['for the address', within("expect(page.url()).toContain('#/runs');"), 'url'],
    ['before the tests', 'beforeAll(async () => { ids = await rows.allInnerTexts(); });', 'allInnerTexts'],
  ])('%s', (_how, code, name) => {
    expect(complaints('polled-reads', code)).toEqual([
      expect.stringMatching(new RegExp(`^${name} reads the page once`, 'u')),
    ]);
  });
});

test.each([
  "test('two threads give the same weights', () => {});",
  "describe('a history', () => { test('refuses another file', () => {}); });",
  "describe('onnxruntime gives the same answers', () => { test.each(models)('%s', () => {}); });",
  "test.each(numbers)('figure(%s) is %s', () => {});",
  "test.skipIf(none)('the page opens in Electron', () => {});",
  'describe.each(hosts)(name, () => { test(`the host ${name} answers`, () => {}); });',
])('is taken for a sentence: %s', (code) => {
  expect(complaints('sentence-titles', code)).toEqual([]);
});

test.each([
  ["test('constant', () => {});", 'constant'],
  ["describe('pooling', () => { test('NaN', () => {}); });", 'pooling NaN'],
  ["test.each(all)('%s', () => {});", '%s'],
  ["test.skipIf(none)('pictures', () => {});", 'pictures'],
])('is no sentence: %s', (code, title) => {
  expect(complaints('sentence-titles', code)).toEqual([
    `“${title}” is no sentence: say what is true when the test passes.`,
  ]);
});

test('the rules are on for the tests of pages, and titles for all tests', async () => {
  const rulesOf = async (path: string) =>
    ((await new ESLint().calculateConfigForFile(path)) as { rules: Record<string, unknown> }).rules;
  const page = await rulesOf('test/e2e/a.test.ts');
  expect([page['unrolled/polled-reads'], page['unrolled/sentence-titles']]).toEqual([[2], [2]]);
  const engine = await rulesOf('test/engine/a.test.ts');
  expect([engine['unrolled/polled-reads'], engine['unrolled/sentence-titles']]).toEqual([undefined, [2]]);
});
