/** What "npm start" runs, as a process: in the browser, and with a program that stands for Electron's runtime. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

let folder: string;
let running: Launched[];

beforeAll(() => {
  expect(spawnSync(process.execPath, ['build/app.mjs', '--electron'], { stdio: 'inherit' }).status).toBe(0);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-launch-'));
  running = [];
});

afterEach(async () => {
  for (const launched of running) {
    launched.child.kill('SIGKILL');
    await launched.exit;
  }
  await rm(folder, { recursive: true });
});

class Launched {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  output = '';
  errors = '';
  #more = Promise.withResolvers<undefined>();
  #ended = false;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, ['electron/launch.ts', ...args], {
      // No display, and a place without a runtime for systems that always have one.
      env: {
        ...process.env,
        DISPLAY: '',
        WAYLAND_DISPLAY: '',
        ELECTRON_OVERRIDE_DIST_PATH: folder,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const tell = (): void => {
      this.#more.resolve(undefined);
      this.#more = Promise.withResolvers();
    };
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      tell();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString();
    });
    this.exit = once(this.child, 'close').then(([status]) => {
      this.#ended = true;
      tell();
      return status as number | null;
    });
  }

  /** The match of `pattern` in the output, as soon as it is there. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found !== null) {
        return found;
      }
      if (this.#ended) {
        throw new Error(`${pattern.source} never came:\n${this.output}\n${this.errors}`);
      }
      await this.#more.promise;
    }
  }
}

function launch(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Launched {
  const launched = new Launched(args, environment);
  running.push(launched);
  return launched;
}

/** Of a program that was told to end; on Windows there is no telling. */
const ENDED = process.platform === 'win32' ? null : 0;

const workspace = (): string => join(folder, 'workspace');
const ADDRESS = /Open (http:\/\/127\.0\.0\.1:(\d+)\/\?token=[\w-]+)\n/u;

describe('in the browser', () => {
  test('says why, serves the page at the address that it prints, and ends when it is told to', async () => {
    const launched = launch(['--no-open', '--workspace', workspace()]);
    const [, url = ''] = await launched.until(ADDRESS);
    const [first = ''] = launched.output.split('\n');
    expect(first).toMatch(/^Serving the app in the browser, because .+\.$/u);
    const entry = await fetch(url);
    const cookie = entry.headers.get('set-cookie')?.split(';')[0] ?? '';
    const page = await fetch(new URL('/', url), { headers: { cookie } });
    expect(await page.text()).toBe(await readFile('dist/renderer/index.html', 'utf8'));
    const core = await fetch(new URL('/core/relaxed.wasm', url), { headers: { cookie } });
    expect(WebAssembly.validate(await core.arrayBuffer())).toBe(true);
    launched.child.kill('SIGTERM');
    expect(await launched.exit).toBe(ENDED);
    expect(launched.errors).toBe('');
  });

  test('does not ask for a reason with --serve, and takes the port that it is given', async () => {
    const before = launch(['--serve', '--no-open', '--workspace', workspace()]);
    const [, , port = ''] = await before.until(ADDRESS);
    expect(before.output).not.toContain('because');

    const second = launch(['--serve', '--no-open', '--workspace', join(folder, 'other'), '--port', port]);
    expect(await second.exit).toBe(1);
    expect(second.errors).toContain(`unrolled: Port ${port} is taken by another program.`);

    before.child.kill('SIGINT');
    expect(await before.exit).toBe(ENDED);
    const third = launch(['--serve', '--no-open', '--workspace', workspace(), '--port', port]);
    const [, , again] = await third.until(ADDRESS);
    expect(again).toBe(port);
  });

  test('leaves a workspace alone that another one holds', async () => {
    const first = launch(['--serve', '--no-open', '--workspace', workspace()]);
    await first.until(ADDRESS);
    const second = launch(['--serve', '--no-open', '--workspace', workspace()]);
    expect(await second.exit).toBe(1);
    expect(second.output).toBe('');
    expect(second.errors).toContain(workspace());
  });
});

describe('the command line', () => {
  test.each([
    [['--prot', '3'], 'unrolled: the flag --prot is not known; did you mean --port?'],
    [['--port', '0'], 'unrolled: --port is "0"; it must be a whole number from 1 to 65535'],
    [['--port'], 'unrolled: --port needs a value'],
    [['here'], 'unrolled: "npm start" has no use for "here"'],
  ])('%o is refused', async (args, complaint) => {
    const launched = launch(args);
    expect(await launched.exit).toBe(2);
    expect(launched.errors).toContain(complaint);
    expect(launched.output).toBe('');
  });

  test('--help names every flag', async () => {
    const launched = launch(['--help']);
    expect(await launched.exit).toBe(0);
    for (const flag of ['--serve', '--port N', '--no-open', '--workspace DIR']) {
      expect(launched.output).toContain(flag);
    }
  });
});

// The runtime is a script with a shebang here, which Windows does not start.
describe.skipIf(process.platform === 'win32')("with Electron's runtime", () => {
  /** A runtime that does what `body` says. */
  async function runtime(body: string): Promise<Record<string, string>> {
    const path = join(folder, 'electron');
    await writeFile(path, `#!${process.execPath}\n${body}\n`);
    await chmod(path, 0o755);
    return { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: folder };
  }

  test('starts it on the built program, with the workspace, and ends as it ends', async () => {
    const environment = await runtime(`
      console.log(JSON.stringify(process.argv.slice(2)));
      process.send('shown', () => process.exit(3));
    `);
    const launched = launch(['--workspace', workspace()], environment);
    expect(await launched.exit).toBe(3);
    const args = JSON.parse(launched.output) as string[];
    expect(args.slice(1)).toEqual(['--workspace', workspace()]);
    const manifest = JSON.parse(await readFile(join(args[0] ?? '', 'package.json'), 'utf8')) as { main: string };
    expect(manifest.main).toBe('electron/hosts/electron/main.js');
  });

  test('serves in the browser where it ends before it shows a window', async () => {
    const launched = launch(['--no-open', '--workspace', workspace()], await runtime('process.exit(127);'));
    await launched.until(ADDRESS);
    expect(launched.output).toContain(
      'Serving the app in the browser, because Electron ended before it showed a window (exit status 127).\n',
    );
  });

  test('serves in the browser where it runs and shows no window in time, and kills it', async () => {
    const environment = await runtime('console.log(`pid ${process.pid}`); setInterval(() => undefined, 1000);');
    const launched = launch(['--no-open', '--workspace', workspace()], {
      ...environment,
      UNROLLED_SHOW_SECONDS: '0.5',
    });
    await launched.until(ADDRESS);
    expect(launched.output).toContain(
      'Serving the app in the browser, because Electron showed no window within 0.5 seconds.\n',
    );
    const [, pid = ''] = /pid (\d+)/u.exec(launched.output) ?? [];
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });

  test('is started as itself, also where the environment would make it Node', async () => {
    const environment = await runtime(`
      console.log('node:', process.env.ELECTRON_RUN_AS_NODE);
      process.send('shown', () => process.exit(0));
    `);
    const launched = launch([], { ...environment, ELECTRON_RUN_AS_NODE: '1' });
    expect(await launched.exit).toBe(0);
    expect(launched.output).toContain('node: undefined');
  });

  test('is left alone with --serve', async () => {
    const environment = await runtime("console.log('started');");
    const launched = launch(['--serve', '--no-open', '--workspace', workspace()], environment);
    await launched.until(ADDRESS);
    expect(launched.output).not.toContain('started');
  });
});
