/** One line that tells how far a run is. */
import type { Metric } from '../../engine/tasks/task.ts';
import type { RunProgress } from '../runs/train-run.ts';
import { count, duration, figure, rate } from './format.ts';

export interface ProgressLine {
  readonly progress: RunProgress;
  /** The deciding metric of the last evaluation. */
  readonly metric: Metric | undefined;
  readonly threads: number;
  readonly build: string;
}

const FULL = '█';
const EMPTY = '░';
const WIDEST_BAR = 24;
const NARROWEST_BAR = 8;

/** At most `width` characters: what matters least is left out first, and the bar takes what is left. */
export function progressLine({ progress, metric, threads, build }: ProgressLine, width: number): string {
  const { update, totalUpdates, loss, tokensPerSecond, secondsLeft } = progress;
  const share = Math.min(1, update / totalUpdates);
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`;
  // From what matters most to what matters least; `place` is the order in the line.
  const parts = [
    { place: 5, text: `${duration(secondsLeft)} left` },
    { place: 2, text: `loss ${figure(loss)}` },
    ...(metric ? [{ place: 3, text: `${metric.label} ${figure(metric.value)}` }] : []),
    { place: 4, text: `${rate(tokensPerSecond)} tokens/s` },
    { place: 1, text: `${count(update)}/${count(totalUpdates)}` },
    { place: 6, text: `${threads} × ${build}` },
  ];
  let room = width - percent.length - 1 - NARROWEST_BAR;
  const shown = parts.filter(({ text }) => {
    const fits = text.length + 2 <= room;
    room = fits ? room - text.length - 2 : -1;
    return fits;
  });
  const used = shown.reduce((sum, { text }) => sum + text.length + 2, percent.length + 1);
  const cells = Math.max(0, Math.min(WIDEST_BAR, width - used));
  const filled = Math.round(share * cells);
  const bar = FULL.repeat(filled) + EMPTY.repeat(cells - filled);
  const texts = [...shown].sort((a, b) => a.place - b.place).map(({ text }) => text);
  return [`${percent} ${bar}`, ...texts].join('  ').slice(0, width);
}
