/** The program as it is started, on a workspace of its own, and a page on it in a real browser. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Download, type Page } from 'playwright-core';
import { Workspace } from '../../electron/workspace/workspace.ts';

const ROOT = join(import.meta.dirname, '../..');

/** In the workspace's folder. */
const STRAYED = 'strayed.txt';

/** What Chromium is kept from doing during a test. */
export const BROWSER_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Keeps a process of Node's, and those that it starts, on this machine; what it refused is in the file `strayed`. */
export function loopbackOnly(strayed: string): NodeJS.ProcessEnv {
  const guard = pathToFileURL(join(import.meta.dirname, 'loopback-only.mjs')).href;
  return { ...process.env, NODE_OPTIONS: `--import=${guard}`, UNROLLED_STRAYED: strayed };
}

/** The program, serving. */
export class App {
  readonly url: string;
  readonly workspace: string;
  readonly #process: ChildProcess;

  /** On an empty workspace that `fill` may put things into first. */
  static async start(fill: (workspace: string) => Promise<void> | void = () => undefined): Promise<App> {
    const workspace = await mkdtemp(join(tmpdir(), 'unrolled-e2e-'));
    await fill(workspace);
    const args = ['electron/launch.ts', '--serve', '--no-open', '--workspace', workspace];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: loopbackOnly(join(workspace, STRAYED)),
    });
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const address = /http:\/\/\S+/u.exec(said)?.[0];
        if (address !== undefined) resolve(address);
      });
      child.once('exit', () => reject(new Error(`The program ended: ${said}`)));
    });
    return new App(child, url, workspace);
  }

  private constructor(process: ChildProcess, url: string, workspace: string) {
    this.#process = process;
    this.url = url;
    this.workspace = workspace;
  }

  /** Machines that the program or one of its processes wanted to reach; none of them was. */
  async strayed(): Promise<readonly string[]> {
    const text = await readFile(join(this.workspace, STRAYED), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean);
  }

  /** At once, as when the machine fails. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.workspace, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill(signal);
    await ended;
  }
}

export interface Window {
  readonly browser: Browser;
  readonly page: Page;
  /** Errors and warnings of the page, refusals of its security policy among them. */
  readonly complaints: string[];
  /** Addresses beyond this machine that were asked for; none of them was reached. */
  readonly strayed: string[];
}

export interface WindowOptions {
  /** The address of a browser that is running already, or the path of an executable. */
  readonly browser: string;
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
  /** More of Chromium's own flags, for one that is started here. */
  readonly flags?: readonly string[];
}

/** Connects to a browser that is running, or starts one. Closing it ends what was started here, and nothing else. */
export async function openBrowser(browser: string, flags: readonly string[] = []): Promise<Browser> {
  if (browser.startsWith('ws://')) return chromium.connect(browser);
  return chromium.launch({ executablePath: browser, args: [...BROWSER_FLAGS, ...flags] });
}

/** Content of a file that the page saved. The browser may be another process's, so its path would be of no use. */
export async function contentOf(download: Download): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of await download.createReadStream()) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Runs in this workspace train on one thread, so that two files of tests can train at the same time. */
export function trainOnOneThread(path: string): void {
  const workspace = Workspace.open(path);
  workspace.settings.set({ threads: 1 });
  workspace.close();
}

/** A page on the program. */
export async function openWindow(app: App, options: WindowOptions): Promise<Window> {
  const { browser: place, dark = false, width = 1280, height = 720, flags = [] } = options;
  const browser = await openBrowser(place, flags);
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const strayed: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.route(
    (url) => url.hostname !== '127.0.0.1' && !['blob:', 'data:'].includes(url.protocol),
    async (route) => {
      strayed.push(route.request().url());
      await route.abort();
    },
  );
  await page.goto(app.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return { browser, page, complaints, strayed };
}
