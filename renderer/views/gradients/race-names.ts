/** What a race's models are called: what sets each apart from the others. */
import type { LaneSettings, RaceSettings } from '../../../engine/gradients/race-settings.ts';
import type { Colour } from '../../charts/figure.ts';
import { t } from '../../messages/messages.ts';

const COLOURS = ['run-1', 'run-2', 'run-3', 'run-4'] as const satisfies readonly Colour[];

export function laneColour(index: number): Colour {
  return COLOURS[index % COLOURS.length]!;
}

export function laneName(lane: LaneSettings, { lanes }: RaceSettings): string {
  const differs = (key: keyof LaneSettings): boolean => lanes.some((other) => other[key] !== lanes[0]?.[key]);
  const { cell, activation, recurrent, scale, forgetBias, clipNorm, window } = lane;
  return [
    cell.toUpperCase(),
    ...(cell === 'rnn' && differs('activation') ? [activation] : []),
    ...(differs('recurrent') ? [t(`race.start.${recurrent}`)] : []),
    ...(differs('scale') ? [`× ${scale}`] : []),
    ...(cell === 'lstm' && differs('forgetBias') ? [t('race.named.forget', { bias: String(forgetBias) })] : []),
    ...(differs('clipNorm')
      ? [clipNorm === 0 ? t('race.named.unclipped') : t('race.named.clip', { norm: clipNorm })]
      : []),
    ...(differs('window') ? [window === 0 ? t('race.named.whole') : t('race.named.window', { steps: window })] : []),
  ].join(' · ');
}
