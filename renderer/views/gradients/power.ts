/** Norms as powers of ten, also beyond what a number can hold. */
import { figure } from '../../format.ts';

const MINUS = '−';

/** "3.2e−41" of log10 = -40.5; 0 and infinity as what lies beyond. */
export function power(log10: number): string {
  if (Number.isNaN(log10)) return '–';
  if (log10 === -Infinity) return `< 1e${MINUS}66`;
  if (log10 === Infinity) return '> 1e66';
  if (log10 > -3 && log10 < 4) return figure(Number((10 ** log10).toPrecision(3)));
  const exponent = Math.floor(log10);
  const digits = (10 ** (log10 - exponent)).toFixed(1).replace(/\.0$/u, '');
  return `${digits}e${exponent}`.replaceAll('-', MINUS);
}

/** What is left of a norm, from log10 of its share: "5 %", "0.23 %", "2.3e−21"; what has grown as a multiple: "1.8", "1.2e6". */
export function share(log10: number): string {
  if (log10 >= -3 && log10 < Math.log10(1.5)) return `${figure(Number((100 * 10 ** log10).toPrecision(2)))} %`;
  return power(log10);
}
