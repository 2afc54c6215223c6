/** The axis that all curves of gradient norms have: of their own decades, and float32's floor where they come near it. */
import { FLOAT32_FLOOR } from '../../../engine/gradients/flow.ts';
import type { ChartSpec, Series } from '../../charts/spec.ts';
import { t } from '../../messages/messages.ts';
import { power } from './power.ts';

/** So that a slight change does not look like a great one. */
const LEAST_DECADES = 3;
/** Decades above the floor from which on it is shown. */
const NEAR = 8;

/** `floor`: whether the norms are such as training computes, in float32. */
export function normAxis(
  series: readonly Series[],
  floor = true,
): Pick<ChartSpec, 'series' | 'levels' | 'scale' | 'leastDecades' | 'format' | 'formatTick'> {
  const near = series.some(({ y }) => y.some((norm) => norm > 0 && Math.log10(norm) < FLOAT32_FLOOR + NEAR));
  const write = (value: number): string => power(Math.log10(value));
  return {
    series,
    levels:
      floor && near
        ? [{ label: t('gradients.floor'), value: 10 ** FLOAT32_FLOOR, colour: 'ink-soft', dash: [4, 4] }]
        : [],
    scale: 'log',
    leastDecades: LEAST_DECADES,
    format: write,
    formatTick: write,
  };
}
