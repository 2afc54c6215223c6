import { Worker } from 'node:worker_threads';
import type { Shape } from './speed-thread.ts';

/** Milliseconds after which a measurement is given up: the model is too large for a short one. */
const LONGEST = 3000;

/** How fast this machine trains models, measured once for each shape, one measurement at a time. */
export class SpeedBook {
  readonly #idle: () => boolean;
  readonly #known = new Map<string, number | null>();
  #running: Promise<unknown> = Promise.resolve();
  #newest = 0;
  #worker: Worker | undefined;

  /** `idle`: nothing trains, so that a measurement neither disturbs nor is disturbed. */
  constructor(idle: () => boolean) {
    this.#idle = idle;
  }

  /** Tokens a second; null where it cannot be measured now, or where another shape has been asked for since. */
  async tokensPerSecond(shape: Shape): Promise<number | null> {
    const key = keyOf(shape);
    const number = ++this.#newest;
    const before = this.#running;
    const measured = (async () => {
      await before;
      const known = this.#known.get(key);
      if (known !== undefined) return known;
      if (number !== this.#newest || !this.#idle()) return null;
      const speed = await this.#measure(shape);
      this.#known.set(key, speed);
      return speed;
    })();
    this.#running = measured.catch(() => undefined);
    return this.#known.get(key) ?? measured;
  }

  async close(): Promise<void> {
    this.#newest++;
    await this.#worker?.terminate();
  }

  #measure(shape: Shape): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./speed-thread.ts', import.meta.url), { workerData: shape });
      this.#worker = worker;
      const timer = setTimeout(() => void worker.terminate(), LONGEST);
      worker.once('message', (speed: number) => {
        resolve(speed);
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        clearTimeout(timer);
        resolve(null);
      });
    });
  }
}

/** What the speed depends on: not the numbers that weights and dropout begin with. */
function keyOf({ spec, optimizer, threads }: Shape): string {
  return JSON.stringify([{ ...spec, seed: 0, initial: null }, optimizer.kind, threads]);
}
