import type { Sample } from '../../../electron/api/samples.ts';
import type { ChartSpec } from '../../charts/spec.ts';
import { count, figure } from '../../format.ts';
import { t } from '../../messages/messages.ts';

/** Truth and forecast over time; the x axis counts points, and shows their dates where there are any. */
export function forecastChart(value: Extract<Sample, { kind: 'forecast' }>['value']): ChartSpec {
  const { quantity, unit, dates, truth, forecast } = value;
  const x = Float64Array.from(truth, (_, i) => i);
  const withUnit = (text: string): string => (unit === undefined ? text : `${text} ${unit}`);
  return {
    title: quantity,
    xLabel: t(dates === undefined ? 'forecast.point' : 'forecast.date'),
    series: [
      { key: 'truth', label: t('forecast.truth'), colour: 'run-8', x, y: Float64Array.from(truth) },
      {
        key: 'forecast',
        label: t('forecast.forecast'),
        colour: 'accent',
        x,
        y: Float64Array.from(forecast, (point) => point ?? NaN),
      },
    ],
    levels: [],
    scale: 'linear',
    format: (point) => withUnit(figure(point)),
    formatTick: figure,
    formatX: (at) => (Number.isInteger(at) ? (dates?.[at] ?? count(at)) : ''),
  };
}
