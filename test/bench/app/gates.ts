/** How fast the gates view answers: the main thread's time from a movement to the frame that shows it. */
import type { Page } from 'playwright-core';
import { App, openWindow } from '../../e2e/app.ts';
import { trainRuns } from '../../e2e/trained.ts';
import { definePointer } from './pointer.ts';

export interface GateSizes {
  /** T */
  readonly steps: number;
  /** H */
  readonly units: number;
}

/** Milliseconds of each movement. */
export interface Redraws {
  /** The step moves. */
  readonly scrubber: readonly number[];
  /** A gate is held elsewhere, until the pass with it is shown. */
  readonly hold: readonly number[];
  /** Of that, from the answer of the page's engine on: what is drawn anew. */
  readonly redraw: readonly number[];
}

declare global {
  interface Window {
    /** When a worker answered last. */
    answeredAt: number;
  }
}

const MOVES = 120;
/** Before those that are measured: what is moved for the first time is compiled meanwhile. */
const WARMING = 30;
/** Of the large sizes one takes much longer. */
const FEWER_MOVES = 30;
/** A frame begins when there is something to draw, not when a screen would show it: what is measured is work, not waiting. */
const UNPACED = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];

/** On a barely trained model that reads a text typed in, at 1440 x 900. */
export async function measureGates(executablePath: string, { steps, units }: GateSizes): Promise<Redraws> {
  let id = '';
  const app = await App.start(async (workspace) => {
    const experiment = {
      format: 'unrolled-experiment',
      version: 1,
      seed: 1,
      task: { id: 'moby-dick' },
      model: { cell: 'lstm', hiddenSize: units },
      training: { batchSize: 16, steps: 16, updates: 30, evaluateEvery: 30, checkpointEvery: 30 },
    };
    [id = ''] = await trainRuns(workspace, [{ name: 'Moby-Dick', experiment }]);
  });
  const window = await openWindow(app, { browser: executablePath, width: 1440, height: 900, flags: UNPACED });
  try {
    const { page } = window;
    const text = 'It was a clear steel-blue day. The firmaments of air and sea were hardly separable. '.repeat(12);
    const address = new URLSearchParams({ run: id, input: JSON.stringify(text.slice(0, steps)) });
    await definePointer(page);
    await page.addInitScript(noteAnswers);
    await page.goto('about:blank');
    await page.goto(new URL(`/#/gates?${address.toString()}`, app.url).href);
    await page.getByRole('slider', { name: 'forget gate', exact: true }).waitFor();
    const moves = steps * units > 100_000 ? FEWER_MOVES : MOVES;
    await moveStep(page, WARMING);
    const scrubber = await moveStep(page, moves);
    await page.getByRole('slider', { name: 'Hold the forget gate' }).waitFor();
    await page.getByRole('radio', { name: 'All units' }).first().click({ force: true });
    await moveHold(page, WARMING);
    return { scrubber, ...(await moveHold(page, moves)) };
  } finally {
    await window.browser.close();
    await app.stop();
  }
}

async function moveStep(page: Page, count: number): Promise<readonly number[]> {
  return page.evaluate((moves) => {
    const strip = document.querySelector<HTMLElement>('[role=slider][aria-label="Sequence"]');
    return window.timeMoves(moves, () => {
      strip?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
      return undefined;
    });
  }, count);
}

/** In the page: a listener that comes before the app's own. */
function noteAnswers(): void {
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      this.addEventListener('message', () => (window.answeredAt = performance.now()));
    }
  };
}

async function moveHold(page: Page, count: number): Promise<Pick<Redraws, 'hold' | 'redraw'>> {
  return page.evaluate(async (moves) => {
    const range = document.querySelector<HTMLInputElement>('input[type=range][aria-label^="Hold"]');
    const map = document.querySelector('[role=slider][aria-label="forget gate"]');
    if (!range || !map) throw new Error('The gates are not shown.');
    const redraw: number[] = [];
    const hold = await window.timeMoves(moves, async (move) => {
      // Every move holds another value to two decimals, which the map then speaks.
      const value = (5 + ((move * 37) % 90)) / 100;
      const spoken = new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          if (map.getAttribute('aria-valuetext')?.endsWith(`: ${value.toFixed(3)}`) !== true) return;
          observer.disconnect();
          resolve();
        });
        observer.observe(map, { attributes: true });
      });
      range.value = String(value);
      range.dispatchEvent(new InputEvent('input', { bubbles: true }));
      await spoken;
      const { answeredAt } = window;
      await new Promise(requestAnimationFrame);
      await window.untilPainted();
      redraw.push(performance.now() - answeredAt);
    });
    return { hold, redraw };
  }, count);
}
