import fc from 'fast-check';
import { expect, test } from 'vitest';
import { datesOf, readDate, type DateLayout } from '../../../../electron/datasets/import/dates.ts';

test.each([
  ['2020-02-29', 'ymd', '2020-02-29T00:00:00Z'],
  ['2020/2/9', 'ymd', '2020-02-09T00:00:00Z'],
  ['2020-02-29T13:45', 'ymd', '2020-02-29T13:45:00Z'],
  ['2020-02-29 13:45:10.5', 'ymd', '2020-02-29T13:45:10Z'],
  ['2020-02-29T13:45:10+02:00', 'ymd', '2020-02-29T11:45:10Z'],
  ['2020-02-29T23:00:00-0130', 'ymd', '2020-03-01T00:30:00Z'],
  ['2020-02-29T13:45:10Z', 'ymd', '2020-02-29T13:45:10Z'],
  ['31.12.1999', 'dmy', '1999-12-31T00:00:00Z'],
  ['12/31/1999', 'mdy', '1999-12-31T00:00:00Z'],
  ['20261231', 'compact', '2026-12-31T00:00:00Z'],
  ['4 July 1976', 'dMy', '1976-07-04T00:00:00Z'],
  ['4-Jul-1976', 'dMy', '1976-07-04T00:00:00Z'],
  ['July 4, 1976', 'Mdy', '1976-07-04T00:00:00Z'],
  ['1958-03', 'ym', '1958-03-01T00:00:00Z'],
  ['03/1958', 'my', '1958-03-01T00:00:00Z'],
  ['Mar 1958', 'My', '1958-03-01T00:00:00Z'],
  ['1958', 'y', '1958-01-01T00:00:00Z'],
] as const)('%j is a date', (field, layout, iso) => {
  expect(datesOf(field)).toEqual([{ layout, time: Date.parse(iso) }]);
});

test('day and month may be either', () => {
  expect(datesOf('03/04/2020').map(({ layout }) => layout)).toEqual(['dmy', 'mdy']);
});

test.each([
  '2019-02-29',
  '1900-02-29',
  '2020-13-01',
  '32.01.2020',
  '2020-00-10',
  '25:00',
  'soon',
  '20201301',
  '4 Foo 1976',
  '2020-01-01T24:00',
  '99',
])('%j is none', (field) => {
  expect(datesOf(field)).toEqual([]);
});

test('every day of four digits in the year is read as what it is', () => {
  const layouts: readonly (readonly [DateLayout, (y: string, m: string, d: string) => string])[] = [
    ['ymd', (y, m, d) => `${y}-${m}-${d}`],
    ['dmy', (y, m, d) => `${d}.${m}.${y}`],
    ['mdy', (y, m, d) => `${m}/${d}/${y}`],
    ['compact', (y, m, d) => `${y}${m}${d}`],
  ];
  const time = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(time, fc.constantFrom(...layouts), (date, [layout, write]) => {
      const day = date.toISOString().slice(0, 10);
      const [y = '', m = '', d = ''] = day.split('-');
      expect(readDate(write(y, m, d), layout)).toBe(Date.parse(day));
    }),
  );
});
