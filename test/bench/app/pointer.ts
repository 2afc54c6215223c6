/** Movements of a person's pointer, timed in the page from the beginning of their frame to its painting. */
import type { Page } from 'playwright-core';

declare global {
  interface Window {
    /** Resolves when what was changed in this frame is painted: asked for before it is, a message comes after. */
    untilPainted(): Promise<void>;
    /**
     * Milliseconds of each of `count` movements: from the beginning of a frame, in which `act` makes it, until it is painted,
     * or what `act` promises is.
     */
    timeMoves(count: number, act: (move: number) => Promise<void> | undefined): Promise<number[]>;
  }
}

/** From a movement to the next, at least: a pointer tells of itself once a frame of a screen. */
const MILLISECONDS = 1000 / 60;

/** For every page that is opened from now on. */
export async function definePointer(page: Page): Promise<void> {
  await page.addInitScript((least) => {
    window.untilPainted = () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve();
        port2.postMessage(null);
      });
    window.timeMoves = async (count, act) => {
      const times: number[] = [];
      for (let move = 0; move < count; move++) {
        await new Promise(requestAnimationFrame);
        const from = performance.now();
        await (act(move) ?? window.untilPainted());
        const time = performance.now() - from;
        times.push(time);
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, least - time)));
      }
      return times;
    };
  }, MILLISECONDS);
}
