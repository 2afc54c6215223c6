import fc from 'fast-check';
import { expect, test } from 'vitest';
import { datesOf, readDate, type DateLayout } from '../../../../electron/datasets/import/dates.ts';
import { loadMonthNames } from '../../../../electron/datasets/import/month-names.ts';

test.each([
  ['2020-02-29', 'ymd', '2020-02-29T00:00:00Z'],
  ['2020/2/9', 'ymd', '2020-02-09T00:00:00Z'],
  ['2020-02-29T13:45', 'ymd', '2020-02-29T13:45:00Z'],
  ['2020-02-29 13:45:10.5', 'ymd', '2020-02-29T13:45:10.5Z'],
  ['2020-02-29 13:45:10,050', 'ymd', '2020-02-29T13:45:10.05Z'],
  ['2020-02-29 14', 'ymd', '2020-02-29T14:00:00Z'],
  ['12/31/2019 12:00 AM', 'mdy', '2019-12-31T00:00:00Z'],
  ['12/31/2019 12:30 pm', 'mdy', '2019-12-31T12:30:00Z'],
  ['31/12/2019 3:04:05 p.m.', 'dmy', '2019-12-31T15:04:05Z'],
  ['31.12.2019 14.30 Uhr', 'dmy', '2019-12-31T14:30:00Z'],
  ['31. 12. 2019', 'dmy', '2019-12-31T00:00:00Z'],
  ['31.12.68', 'dmy2', '2068-12-31T00:00:00Z'],
  ['31/12/69', 'dmy2', '1969-12-31T00:00:00Z'],
  ['12/31/99 1:00 AM', 'mdy2', '1999-12-31T01:00:00Z'],
  ['99-12-31', 'ymd2', '1999-12-31T00:00:00Z'],
  ['14:30 31/12/2019', 'dmy', '2019-12-31T14:30:00Z'],
  ['2020-02-29 10:00 EST', 'ymd', '2020-02-29T15:00:00Z'],
  ['2020-02-29 10:00 CEST', 'ymd', '2020-02-29T08:00:00Z'],
  ['2020-02-29 10:00 UTC+2', 'ymd', '2020-02-29T08:00:00Z'],
  ['2020-02-29T10:00:00+01:00[Europe/Berlin]', 'ymd', '2020-02-29T09:00:00Z'],
  ['Sat, 29 Feb 2020 10:11:12 GMT', 'dMy', '2020-02-29T10:11:12Z'],
  ['Sat Feb 29 10:11:12 UTC 2020', 'Mdy', '2020-02-29T10:11:12Z'],
  ['Sat Feb 29 2020 10:11:12 GMT+0100 (CET)', 'Mdy', '2020-02-29T09:11:12Z'],
  ['29/Feb/2020:10:11:12 +0000', 'dMy', '2020-02-29T10:11:12Z'],
  ['February 29th, 2020', 'Mdy', '2020-02-29T00:00:00Z'],
  ['2020 Feb 29', 'yMd', '2020-02-29T00:00:00Z'],
  ['2020年2月29日', 'ymd', '2020-02-29T00:00:00Z'],
  ['20200229T101112Z', 'compact', '2020-02-29T10:11:12Z'],
  ['202002', 'compactMonth', '2020-02-01T00:00:00Z'],
  ['2020M02', 'ym', '2020-02-01T00:00:00Z'],
  ['Feb-20', 'My', '2020-02-01T00:00:00Z'],
  ['2020Q3', 'quarter', '2020-07-01T00:00:00Z'],
  ['Q4 2020', 'quarter', '2020-10-01T00:00:00Z'],
  ['1Q21', 'quarter', '2021-01-01T00:00:00Z'],
  ['2020-W01', 'week', '2019-12-30T00:00:00Z'],
  ['2020-W53-7', 'week', '2021-01-03T00:00:00Z'],
  ['KW 5/2023', 'week', '2023-01-30T00:00:00Z'],
  ['1582934400', 'unix', '2020-02-29T00:00:00Z'],
  ['1582934400.25', 'unix', '2020-02-29T00:00:00.25Z'],
  ['1582934400250', 'unixMilli', '2020-02-29T00:00:00.25Z'],
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

test.each([
  ['5. März 2023', '2023-03-05'],
  ['5 mars 2023', '2023-03-05'],
  ['5 août 2023', '2023-08-05'],
  ['1 stycznia 2023', '2023-01-01'],
  ['5 января 2023', '2023-01-05'],
  ['5 de enero de 2023', '2023-01-05'],
  ['5 Ιανουαρίου 2023', '2023-01-05'],
  ['maj 2023', '2023-05-01'],
])('%j has a month in one of the bundled languages', async (field, day) => {
  await loadMonthNames();
  expect(datesOf(field).map(({ time }) => new Date(time).toISOString().slice(0, 10))).toEqual([day]);
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
  '2019-W53',
  '13/32/20',
  '31/12/2019 13:00 PM',
  '2020-01-01 10:00 XYZ',
  'Room 2020',
  '12.5',
  '192.168.1.1',
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
