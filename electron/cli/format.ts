/** Numbers and durations as people read them. */

/** "1,234,567" */
export function count(value: number): string {
  return value === Infinity ? 'endless' : Math.round(value).toLocaleString('en-US');
}

/** Four significant digits: "0.0123", "2.053", "245.0", "10,573", "1.23e-7". */
export function figure(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'not a number' : 'infinite';
  }
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) {
    return value.toExponential(2);
  }
  return size >= 9999.5 ? count(value) : value.toPrecision(4);
}

/** "532", "85.2k", "1.23M" */
export function rate(value: number): string {
  if (value >= 999_500) {
    return `${(value / 1e6).toPrecision(3)}M`;
  }
  return value >= 999.5 ? `${(value / 1e3).toPrecision(3)}k` : value.toPrecision(3).replace(/\.?0+$/, '');
}

/** "0:07", "12:03", "1:02:03" */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) {
    return '-:--';
  }
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${padded(m)}:${padded(s)}` : `${m}:${padded(s)}`;
}

/** "1 layer", "2 layers" */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Rows as columns with two spaces between them; those named in `right` are aligned to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
