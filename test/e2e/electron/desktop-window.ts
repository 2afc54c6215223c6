/** A window on the desktop: its page in Chromium, and the page's messages to the main process and back. */
import type { Browser, BrowserContext, Frame as PageFrame, Page } from 'playwright-core';
import type { Area, DesktopMessage, Frame, HostMessage, WindowFact, WindowLook } from '../../electron-host/messages.ts';
import type { Changes } from './changes.ts';
import { enterPage } from './page-world.ts';

type WindowMessage = Extract<HostMessage, { window: number }>;
type Answer = Extract<HostMessage, { kind: 'invoked' | 'allowed' }>;

export interface WindowSettings {
  readonly id: number;
  readonly bounds: Area;
  readonly look: WindowLook;
  readonly browser: Browser;
  readonly dark: boolean;
  readonly post: (message: DesktopMessage) => void;
  readonly changes: Changes;
}

let requests = 0;

export class DesktopWindow {
  readonly id: number;
  readonly look: WindowLook;
  readonly facts: WindowFact[] = [];
  /** Errors and warnings of the page. */
  readonly complaints: string[] = [];
  /** Addresses outside the program that the page asked for. */
  readonly strayed: string[] = [];
  bounds: Area;
  title = '';
  loaded = false;
  destroyed = false;
  /** The page is gone too. */
  readonly gone: Promise<void>;
  readonly #settings: WindowSettings;
  readonly #vanished = Promise.withResolvers<undefined>();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #context: BrowserContext | undefined;
  #page: Page | undefined;
  #origin = '';
  #address = '';
  #url = '';
  /** Messages to the page are told one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(settings: WindowSettings) {
    this.#settings = settings;
    ({ id: this.id, bounds: this.bounds, look: this.look } = settings);
    this.gone = this.#vanished.promise.then(() => this.#context?.close()).then(() => undefined);
    this.gone.catch(() => undefined);
  }

  /** Its page; throws before there is one. */
  get page(): Page {
    if (this.#page === undefined) throw new Error('The window has no page yet.');
    return this.#page;
  }

  /** As the person sees it. */
  get shown(): boolean {
    const last = this.facts.findLast((fact) => ['shown', 'hidden', 'maximized'].includes(fact));
    return !this.destroyed && (last === undefined ? this.look.shown : last !== 'hidden');
  }

  get enabled(): boolean {
    return this.facts.findLast((fact) => fact === 'enabled' || fact === 'disabled') !== 'disabled';
  }

  /** By the person. */
  close(): void {
    this.#settings.post({ kind: 'close', window: this.id });
  }

  move(bounds: Area): void {
    this.bounds = bounds;
    this.#settings.post({ kind: 'move', window: this.id, bounds });
  }

  /** The process of the page fails; the page shows nothing from then on. */
  async crash(): Promise<void> {
    this.loaded = false;
    const crashed = this.page.waitForEvent('crash');
    const session = await this.page.context().newCDPSession(this.page);
    session.send('Page.crash').catch(() => undefined);
    await crashed;
  }

  hang(): void {
    this.#settings.post({ kind: 'unresponsive', window: this.id });
  }

  /** Its page is loaded, again where it was loaded before. */
  async untilLoaded(): Promise<void> {
    await this.#settings.changes.until(() => this.loaded || this.destroyed || undefined);
    if (this.destroyed) throw new Error('The window was closed before its page was loaded.');
  }

  async untilGone(): Promise<void> {
    await this.#settings.changes.until(() => this.destroyed || undefined);
  }

  vanish(): void {
    this.destroyed = true;
    this.loaded = false;
    this.#vanished.resolve(undefined);
  }

  answer(answer: Answer): void {
    this.#waiting.get(answer.request)?.(answer);
    this.#waiting.delete(answer.request);
  }

  take(message: WindowMessage): void {
    switch (message.kind) {
      case 'fact':
        this.facts.push(message.fact);
        return;
      case 'title':
        this.title = message.title;
        return;
      case 'load':
        this.#url = message.url;
        this.#address = message.address;
        this.#origin = new URL(message.address).origin;
        this.#inTurn(() => this.#load());
        return;
      case 'reload':
        this.loaded = false;
        // What was still to be told to a page that has crashed is never answered.
        this.#turn = Promise.resolve();
        this.#inTurn(() => this.#load());
        return;
      case 'destroyed':
        this.vanish();
        return;
      case 'send':
        this.#inTurn(() => this.#hear(message.channel, message.args));
        return;
      case 'evaluate':
        this.#inTurn(() => this.#evaluate(message.request, message.code));
        return;
      case 'window':
        return;
    }
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(() => (this.destroyed ? undefined : work())).catch(() => undefined);
  }

  /** A page whose process is gone is not used again: a new process has a new one. */
  async #load(): Promise<void> {
    const { post, changes } = this.#settings;
    try {
      await this.#openPage();
      await this.page.goto(this.#address);
      this.loaded = true;
      post({ kind: 'loaded', window: this.id, failure: null });
    } catch (error) {
      if (!this.destroyed) post({ kind: 'loaded', window: this.id, failure: String(error) });
    }
    changes.tell();
  }

  async #openPage(): Promise<void> {
    const { browser, dark, post } = this.#settings;
    await this.#context?.close();
    const { width, height } = this.bounds;
    this.#context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      acceptDownloads: true,
    });
    const page = await this.#context.newPage();
    this.#page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('crash', () => post({ kind: 'crashed', window: this.id, reason: 'crashed' }));
    if (this.look.preload !== null) {
      await page.exposeBinding('__electronInvoke', ({ frame }, channel: string, args: unknown[]) =>
        this.#invoke(frame, channel, args),
      );
      await page.exposeBinding('__electronSend', ({ frame }, channel: string, args: unknown[]) =>
        post({ kind: 'ipc', window: this.id, channel, args, frame: this.#frame(frame) }),
      );
      const preload = `function (require, module, exports) {\n${this.look.preload}\n}`;
      await page.addInitScript({ content: `(${enterPage.toString()})(${preload});` });
    }
    await page.route(
      (url) => url.origin !== this.#origin && !['blob:', 'data:', 'chrome:'].includes(url.protocol),
      async (route) => {
        const url = route.request().url();
        this.strayed.push(url);
        const navigates = route.request().isNavigationRequest();
        const allowed = await this.#ask((request) => ({ kind: 'request', window: this.id, request, url, navigates }));
        // Even what the program lets go does not leave this machine.
        await (allowed.kind === 'allowed' && allowed.value ? route.fulfill({ status: 404 }) : route.abort());
      },
    );
  }

  #ask(message: (request: number) => DesktopMessage): Promise<Answer> {
    const request = ++requests;
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#settings.post(message(request));
    });
  }

  async #invoke(frame: PageFrame, channel: string, args: unknown[]): Promise<unknown> {
    const from = this.#frame(frame);
    const answer = await this.#ask((request) => {
      return { kind: 'invoke', window: this.id, request, channel, args, frame: from };
    });
    if (answer.kind !== 'invoked') throw new Error('An answer of another kind came.');
    if (answer.error !== undefined) throw new Error(`Error invoking remote method '${channel}': ${answer.error}`);
    return answer.value;
  }

  /** As Electron names it: by the address that the program gave. */
  #frame(frame: PageFrame): Frame | null {
    if (frame.isDetached()) return null;
    const url = frame.url();
    const ours = url.startsWith(this.#origin);
    return {
      url: ours ? new URL(url.slice(this.#origin.length), this.#url).href : url,
      isMain: frame.parentFrame() === null,
    };
  }

  async #hear(channel: string, args: readonly unknown[]): Promise<void> {
    await this.page.evaluate(
      ([name, values]) => {
        const { __electronHear: hear } = globalThis as unknown as {
          __electronHear?: (channel: string, args: readonly unknown[]) => void;
        };
        hear?.(name, values);
      },
      [channel, args] as const,
    );
  }

  async #evaluate(request: number, code: string): Promise<void> {
    const { post } = this.#settings;
    try {
      post({ kind: 'evaluated', request, value: await this.page.evaluate(code) });
    } catch (error) {
      post({ kind: 'evaluated', request, error: String(error) });
    }
  }
}
