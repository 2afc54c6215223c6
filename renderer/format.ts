/** Numbers, times and sizes as people read them. */
import { LOCALE, t } from './messages/messages.ts';

const MINUS = '\u2212';
const NONE = '\u2013';

const counts = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumSignificantDigits: 3 });
const figures = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 4 });
const moments = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** "12,345" */
export function count(value: number): string {
  return counts.format(value);
}

/** "183K", for rates and sizes where three digits say enough. */
export function rate(value: number | null): string {
  return value === null ? NONE : compact.format(value);
}

/** Four significant digits, "0.9134" or "2.5e-7"; a dash where there is no number. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE;
  if (value === Infinity) return '\u221e';
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e7)
      ? value
          .toExponential(2)
          .replace(/\.?0+e/u, 'e')
          .replace('e+', 'e')
      : size >= 10_000
        ? counts.format(value)
        : figures.format(value);
  return text.replaceAll('-', MINUS);
}

/**
 * Values side by side, "0.913", "\u22120.041": `digits` decimals, or a power of ten where those would show nothing of it
 * ("2.1e\u22125"). A dash where there is no number.
 */
export function fixed(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE;
  if (!Number.isFinite(value)) return value > 0 ? '\u221e' : `${MINUS}\u221e`;
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 10 ** -digits / 2 && size < 1e5);
  const text = plain ? value.toFixed(digits) : value.toExponential(1).replace('e+', 'e');
  return text.replaceAll('-', MINUS);
}

/** A value of a metric with its unit, "0.913" or "312 births". Accuracies are written in per cent. */
export function metricValue(
  metric: { readonly name: string; readonly unit?: string | undefined },
  value: number | null,
): string {
  if (value === null) return NONE;
  if (isShare(metric.name)) return `${figures.format(Math.round(value * 1e4) / 100)} %`;
  return metric.unit === undefined ? figure(value) : `${figure(value)} ${metric.unit}`;
}

/** Whether a metric is a share from 0 to 1. */
export function isShare(name: string): boolean {
  return /accuracy|share|recall|exactMatch|legalSteps|sumsRight|within/iu.test(name);
}

/** "1.4 MB" */
export function bytes(value: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, value < 1000 ? 0 : Math.floor(Math.log10(value) / 3));
  const unit = BYTE_UNITS[power] ?? 'B';
  return `${new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 }).format(value / 1000 ** power)} ${unit}`;
}

/** "under a second", "42 s", "3 min", "2 h 5 min"; a dash where it is not known. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return NONE;
  if (seconds < 1) return t('duration.moment');
  if (seconds < 90) return t('duration.seconds', { seconds: Math.round(seconds) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return t('duration.minutes', { minutes });
  return t('duration.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** "23 Nov 2026, 14:02" in the language's way. `time`: milliseconds since 1970. */
export function moment(time: number): string {
  return moments.format(time);
}

/** A value of an experiment in a table. */
export function setting(value: unknown): string {
  if (value === null || value === undefined) return NONE;
  if (typeof value === 'number') return figure(value);
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
