/** How fast the gradients view answers: the main thread's time from a movement to the frame that shows it. */
import type { Page } from 'playwright-core';
import { App, openWindow } from '../../e2e/app.ts';
import { trainRuns } from '../../e2e/trained.ts';
import { definePointer } from './pointer.ts';

/** Milliseconds of each movement. */
export interface GradientTimes {
  /** The scale of an untrained network's recurrent weights moves: T = 100, H = 64. */
  readonly rnn: readonly number[];
  readonly lstm: readonly number[];
  /** Another parameter's terms are asked for, of a run of 64 units over 12 steps. */
  readonly terms: readonly number[];
}

const MOVES = 120;
/** Before those that are measured: what is moved for the first time is compiled meanwhile. */
const WARMING = 30;
const TERM_STEPS = 12;

/** At 1440 x 900. */
export async function measureGradients(executablePath: string): Promise<GradientTimes> {
  let id = '';
  const app = await App.start(async (workspace) => {
    const experiment = {
      format: 'unrolled-experiment',
      version: 1,
      seed: 1,
      task: { id: 'moby-dick' },
      model: { cell: 'lstm', hiddenSize: 64 },
      training: { batchSize: 16, steps: 16, updates: 30, evaluateEvery: 30, checkpointEvery: 30 },
    };
    [id = ''] = await trainRuns(workspace, [{ name: 'Moby-Dick', experiment }]);
  });
  const window = await openWindow(app, { browser: executablePath, width: 1440, height: 900 });
  try {
    const { page } = window;
    await definePointer(page);
    await page.goto('about:blank');
    await page.goto(new URL('/#/gradients?quantity=untrained', app.url).href);
    await page.getByRole('slider', { name: /Scale of the recurrent weights/u }).waitFor();
    await moveScale(page, WARMING);
    const rnn = await moveScale(page, MOVES);
    await page.getByLabel('LSTM').check({ force: true });
    await moveScale(page, WARMING);
    const lstm = await moveScale(page, MOVES);
    await page.goto(new URL(`/#/gradients?run=${id}&quantity=unrolled`, app.url).href);
    await page.getByRole('slider', { name: /steps/u }).waitFor();
    await page.getByRole('slider', { name: /steps/u }).fill(String(TERM_STEPS));
    await page.getByRole('button', { name: `Loss J(${TERM_STEPS})` }).waitFor();
    await page.getByRole('row', { name: /Backward pass/u }).waitFor();
    return { rnn, lstm, terms: await chooseParameters(page) };
  } finally {
    await window.browser.close();
    await app.stop();
  }
}

async function moveScale(page: Page, count: number): Promise<readonly number[]> {
  return page.evaluate((moves) => {
    const label = [...document.querySelectorAll('label')].find(({ textContent }) => textContent.includes('Scale of'));
    const slider = label?.querySelector<HTMLInputElement>('input[type=range]');
    if (!slider) throw new Error('There is no slider.');
    return window.timeMoves(moves, (move) => {
      slider.value = String(0.5 + (1.5 * ((move * 37) % moves)) / moves);
      slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
      return undefined;
    });
  }, count);
}

async function chooseParameters(page: Page): Promise<readonly number[]> {
  return page.evaluate(async () => {
    const names = ['w', 'b', 'u', 'w', 'b', 'u', 'w', 'b', 'u', 'w', 'b', 'u'];
    const times: number[] = [];
    const title = (): string => document.querySelector('main')?.textContent ?? '';
    for (const name of names) {
      const input = document.querySelector<HTMLInputElement>(`input[type=radio][value="${name}"]`);
      if (!input) throw new Error(`There is no parameter ${name}.`);
      times.push(
        await new Promise<number>((resolve) => {
          requestAnimationFrame(() => {
            const from = performance.now();
            input.click();
            const seen = (): void => {
              if (title().includes(`Terms of dJ/d${name}`)) {
                void window.untilPainted().then(() => resolve(performance.now() - from));
              } else requestAnimationFrame(seen);
            };
            requestAnimationFrame(seen);
          });
        }),
      );
    }
    return times;
  });
}
