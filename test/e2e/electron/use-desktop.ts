/** A desktop with the packed program for each test of a file, in one Chromium. */
import { chromium, type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import { packedApp } from '../../packed-app.ts';
import { Desktop, type DesktopOptions } from './desktop.ts';

export interface DesktopUse {
  /** Of the test that runs. */
  readonly desktop: Desktop;
  /** A further one, which the test closes. */
  open(options?: Partial<DesktopOptions>): Promise<Desktop>;
}

export function useDesktop(): DesktopUse {
  let browser: Browser;
  let app: string;
  let desktop: Desktop;

  const open = (options: Partial<DesktopOptions> = {}): Promise<Desktop> => Desktop.open({ browser, app, ...options });
  beforeAll(async () => {
    ({ unpacked: app } = await packedApp());
    browser = await chromium.launch({
      executablePath: inject('browser')!,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    desktop = await open();
  });
  afterEach(() => desktop.close());

  return {
    get desktop() {
      return desktop;
    },
    open,
  };
}
