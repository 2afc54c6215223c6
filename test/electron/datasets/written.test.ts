/** What the bundled tables write, beside what people write in these languages. */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadBundledDataset } from '../../../electron/datasets/bundled.ts';
import type { TaskData } from '../../../engine/tasks/data.ts';
import type { JsonValue } from '../../../engine/json.ts';
import { makeTask } from '../../../engine/tasks/registry.ts';
import type { SequenceSet, Task } from '../../../engine/tasks/task.ts';
import { CalendarDay, writeDate } from '../../../engine/tasks/written/dates.ts';
import { Speller } from '../../../engine/tasks/written/spellout.ts';
import { setsOf } from '../../engine/tasks/batch.ts';

const data = new Map<string, TaskData>();

beforeAll(async () => {
  for (const id of ['calendars', 'spellout', 'cmudict']) data.set(id, await loadBundledDataset(id));
});

const DATES = [
  ['Czech', 'sobota 3. února 2001', '3. 2. 2001'],
  ['Danish', 'lørdag den 3. februar 2001', '3. feb. 2001'],
  ['Dutch', 'zaterdag 3 februari 2001', '3 feb 2001'],
  ['English', 'Saturday, February 3, 2001', 'Feb 3, 2001'],
  ['Finnish', 'lauantai 3. helmikuuta 2001', '3.2.2001'],
  ['French', 'samedi 3 février 2001', '3 févr. 2001'],
  ['German', 'Samstag, 3. Februar 2001', '03.02.2001'],
  ['Greek', 'Σάββατο 3 Φεβρουαρίου 2001', '3 Φεβ 2001'],
  ['Hungarian', '2001. február 3., szombat', '2001. febr. 3.'],
  ['Indonesian', 'Sabtu, 03 Februari 2001', '3 Feb 2001'],
  ['Italian', 'sabato 3 febbraio 2001', '3 feb 2001'],
  ['Japanese', '2001年2月3日土曜日', '2001/02/03'],
  ['Korean', '2001년 2월 3일 토요일', '2001. 2. 3.'],
  ['Polish', 'sobota, 3 lutego 2001', '3 lut 2001'],
  ['Portuguese', 'sábado, 3 de fevereiro de 2001', '3 de fev. de 2001'],
  ['Romanian', 'sâmbătă, 3 februarie 2001', '3 feb. 2001'],
  ['Russian', 'суббота, 3 февраля 2001 г.', '3 февр. 2001 г.'],
  ['Spanish', 'sábado, 3 de febrero de 2001', '3 feb 2001'],
  ['Swedish', 'lördag 3 februari 2001', '3 feb. 2001'],
  ['Turkish', '3 Şubat 2001 Cumartesi', '3 Şub 2001'],
] as const;

const NUMBERS = [
  ['Danish', 'tusind og et', 'trehundrede og femogfyrre tusind sekshundrede og otteoghalvfjerds'],
  ['Dutch', 'duizendeen', 'driehonderdvijfenveertigduizendzeshonderdachtenzeventig'],
  ['English', 'one thousand one', 'three hundred forty-five thousand six hundred seventy-eight'],
  ['Finnish', 'tuhatyksi', 'kolmesataaneljäkymmentäviisituhattakuusisataaseitsemänkymmentäkahdeksan'],
  ['French', 'mille un', 'trois cent quarante-cinq mille six cent soixante-dix-huit'],
  ['German', 'eintausendeins', 'dreihundertfünfundvierzigtausendsechshundertachtundsiebzig'],
  ['Hungarian', 'ezeregy', 'háromszáznegyvenötezerhatszázhetvennyolc'],
  ['Indonesian', 'seribu satu', 'tiga ratus empat puluh lima ribu enam ratus tujuh puluh delapan'],
  ['Italian', 'milleuno', 'trecentoquarantacinquemilaseicentosettantotto'],
  ['Portuguese', 'mil e um', 'trezentos e quarenta e cinco mil seiscentos e setenta e oito'],
  ['Spanish', 'mil uno', 'trescientos cuarenta y cinco mil seiscientos setenta y ocho'],
  ['Swedish', 'ettusen ett', 'trehundrafyrtiofemtusen sexhundrasjuttioåtta'],
  ['Turkish', 'bin bir', 'üç yüz kırk beş bin altı yüz yetmiş sekiz'],
] as const;

test('dates are written as in 20 languages', () => {
  const calendars = data.get('calendars');
  const languages = calendars?.form === 'calendars' ? calendars.languages : [];
  const day = new CalendarDay(CalendarDay.ordinalOf(2001, 2, 3));
  expect(languages.map((l) => [l.name, writeDate(l, 'full', day), writeDate(l, 'medium', day)])).toEqual(DATES);
});

test('numbers are written as in 13 languages, no two of them alike', () => {
  const spellout = data.get('spellout');
  const languages = spellout?.form === 'spellout' ? spellout.languages : [];
  expect(
    languages.map((language) => {
      const speller = new Speller(language);
      return [language.name, speller.spell(1001), speller.spell(345_678)];
    }),
  ).toEqual(NUMBERS);
  for (const language of languages) {
    const speller = new Speller(language);
    const written = Array.from({ length: 3000 }, (_, n) => speller.spell(n < 2000 ? n : n * 333));
    expect(new Set(written).size, language.name).toBe(written.length);
  }
});

function make(id: string, options: Readonly<Record<string, JsonValue>>): Task {
  const dataset = id === 'pronunciation' ? 'cmudict' : id.startsWith('number') ? 'spellout' : 'calendars';
  return makeTask({ id, ...options }, 1, data.get(dataset)!);
}

function pairsOf(set: SequenceSet): readonly { readonly input: string; readonly target: string }[] {
  return Array.from({ length: set.count }, (_, item) => set.describe(item));
}

describe.each([
  ['dates', {}, ({ target }: { target: string }) => target],
  ['dates-aligned', {}, ({ target }: { target: string }) => target],
  ['dates-translate', { to: 'German' }, ({ target }: { target: string }) => target],
  ['number-words', {}, ({ target }: { target: string }) => target],
  ['number-spelling', { language: 'Finnish' }, ({ input }: { input: string }) => input],
] as const)('%s', (id, options, groupOf) => {
  const small = { ...options, items: 3000 };

  test('holds out what it is about, in every language', () => {
    const { train, validation } = setsOf(make(id, small));
    const held = new Set(pairsOf(validation).map(groupOf));
    expect(held.size).toBeGreaterThan(50);
    expect(pairsOf(train).filter((pair) => held.has(groupOf(pair)))).toEqual([]);
  });

  test('no text has two answers', () => {
    const { train, validation } = setsOf(make(id, small));
    const inputs = [...pairsOf(train), ...pairsOf(validation)].map(({ input }) => input);
    expect(new Set(inputs).size).toBe(inputs.length);
  });
});

test('dates keep to the years and to the languages asked for', () => {
  const iso = setsOf(make('dates', { items: 400, firstYear: 1990, lastYear: 1991 })).train;
  for (const { target } of pairsOf(iso)) expect(target).toMatch(/^199[01]-\d\d-\d\d$/u);
  const french = setsOf(make('dates-translate', { items: 400, from: 'French', to: 'English', style: 'long' })).train;
  for (const { input, target } of pairsOf(french)) {
    expect(input).toMatch(/^\d+ [a-zûé]+ \d{4}$/u);
    expect(target).toMatch(/^[A-Z][a-z]+ \d+, \d{4}$/u);
  }
  expect(() => make('dates', { firstYear: 2000, lastYear: 1999 })).toThrow(
    'task.lastYear is 1999; it must not lie before task.firstYear, which is 2000',
  );
});

test('numbers of all lengths are drawn', () => {
  const { train } = setsOf(make('number-words', { items: 4000, largest: 9999, language: 'German' }));
  const lengths = new Map<number, number>();
  for (const { target } of pairsOf(train)) lengths.set(target.length, (lengths.get(target.length) ?? 0) + 1);
  // Repeated ones count once, so that there are few short ones.
  expect([...lengths.keys()].sort()).toEqual([1, 2, 3, 4]);
  expect(lengths.get(4)!).toBeGreaterThan(500);
});

test('words are spelt in small letters and spoken in phones without stress', () => {
  const task = make('pronunciation', {});
  const { train, validation } = setsOf(task);
  expect(train.count + validation.count).toBe(116_506);
  expect(task.input.kind === 'tokens' && task.input.symbols).toHaveLength(27);
  expect(task.output.kind === 'labels' && task.output.labels).toHaveLength(42);
  const held = new Set(pairsOf(validation).map(({ input }) => input));
  expect(pairsOf(train).some(({ input }) => held.has(input))).toBe(false);
  expect(task.evaluator().finish().metrics[0]).toMatchObject({ name: 'phoneErrorRate', better: 'lower' });
});
