/** Which column of a table is probably what. */
import type { Mapping } from '../../api/data.ts';
import type { Column } from './columns.ts';
import type { ImportFormat } from './format.ts';

/** Different values that make a column of numbers worth a label. */
const MOST_NUMBERED_CLASSES = 20;
/** Suggestions of one kind. */
const MOST_SERIES = 4;

/** Mappings that fit, best first. `rows`: of the table. */
export function suggestMappings(format: ImportFormat, columns: readonly Column[], rows: number): readonly Mapping[] {
  if (format === 'text') return [{ form: 'text' }];
  const texts = columns.filter(({ type }) => type === 'text').sort((a, b) => b.length - a.length);
  const labels = columns
    .filter((column) => column.type === 'category' || isNumberedClass(column, rows))
    .sort((a, b) => Number(b.type === 'category') - Number(a.type === 'category'));
  const dates = columns.filter(({ type }) => type === 'date');
  const years = columns.filter(
    ({ type, layout, distinct }) => type === 'number' && layout === 'y' && distinct === rows,
  );
  const numbers = columns.filter((column) => column.type === 'number' && !isCounter(column, rows));
  const date = dates[0] ?? years[0];

  const series: Mapping[] = numbers
    .filter((column) => column !== date)
    .slice(0, MOST_SERIES)
    .map(({ name }) => ({ form: 'series', value: name, ...(date ? { date: date.name } : {}) }));
  const text = texts[0];
  const source = text ?? labels.toSorted((a, b) => (b.distinct ?? 0) - (a.distinct ?? 0))[0];
  const labelled: Mapping[] = source
    ? labels
        .filter(({ name }) => name !== source.name)
        .map(({ name }) => ({ form: 'labelled', text: source.name, label: name }))
    : [];
  const inOrder = columns.filter(({ type }) => type === 'text');
  const [first, second] = inOrder;
  const pairs: Mapping[] = first && second ? [{ form: 'pairs', source: first.name, target: second.name }] : [];
  const alone: Mapping[] = text ? [{ form: 'text', column: text.name }] : [];
  const others = [...labelled, ...pairs, ...alone];
  return text ? [...others, ...series] : [...series, ...others];
}

function isNumberedClass({ type, distinct }: Column, rows: number): boolean {
  return (
    type === 'number' && distinct !== null && distinct >= 2 && distinct <= MOST_NUMBERED_CLASSES && distinct * 4 <= rows
  );
}

/** The numbers of the rows, which say nothing. */
function isCounter({ filled, distinct, minimum = 0, maximum = 0, examples }: Column, rows: number): boolean {
  const [a, b] = examples.map(Number);
  return (
    rows > 2 && filled === rows && (distinct ?? rows) === rows && maximum - minimum === rows - 1 && b === (a ?? 0) + 1
  );
}
