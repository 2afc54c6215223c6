/** Electron's main process from start to end, over a stub of Electron and a real workspace. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { BRIDGE_NAME, bridgeChannel, type Bridge } from '../../../../electron/api/client-bridge.ts';
import { createClient, type Connection } from '../../../../electron/api/client.ts';
import { contract, type events } from '../../../../electron/api/contract.ts';
import { exposeBridge } from '../../../../electron/transport/ipc-preload.ts';
import { openPage, stubElectron, type StubElectron, type StubSettings } from './electron-module.ts';

let folder: string;
let argv: string[];

beforeAll(() => {
  expect(spawnSync(process.execPath, ['build/app.mjs'], { stdio: 'inherit' }).status).toBe(0);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-electron-'));
  argv = process.argv;
  process.argv = ['electron', 'app', '--some-flag-of-chromium', '--workspace', join(folder, 'workspace')];
  vi.resetModules();
});

afterEach(async () => {
  process.argv = argv;
  vi.doUnmock('electron');
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** Runs the main process until it has started, or has ended where it does not start. */
async function run(settings: Omit<StubSettings, 'userData'> = {}): Promise<StubElectron> {
  const electron = stubElectron({ userData: folder, ...settings });
  vi.doMock('electron', () => electron.module);
  await import('../../../../electron/hosts/electron/main.ts');
  return electron;
}

function connectTo(electron: StubElectron): Connection<typeof contract, typeof events> {
  const page = openPage(electron.ipc);
  exposeBridge(page.modules);
  return createClient(contract, bridgeChannel(page.globals.get(BRIDGE_NAME) as Bridge));
}

async function end(electron: StubElectron): Promise<number> {
  electron.windows[0]?.emit('close');
  electron.app.emit('window-all-closed');
  return electron.exited;
}

test('what must come before Electron is ready does, and everything is locked before the window opens', async () => {
  const electron = await run();
  const { happened } = electron;
  expect(happened.indexOf('schemes')).toBe(0);
  expect(happened.indexOf('switch host-resolver-rules')).toBeLessThan(happened.indexOf('ready'));
  expect(electron.app.listenerCount('web-contents-created')).toBe(1);
  expect(happened.slice(happened.indexOf('ready'))).toEqual(['ready', 'permissions', 'requests', 'menu', 'protocol']);
  expect(await end(electron)).toBe(0);
});

test('the window shows the page of the app, in a sandbox', async () => {
  const electron = await run();
  expect(electron.windows).toHaveLength(1);
  const [window] = electron.windows;
  expect(window?.loaded).toBe('app://unrolled/');
  expect(window?.calls).toEqual(['show']);
  expect(window?.options).toMatchObject({
    show: false,
    minWidth: 1024,
    minHeight: 640,
    webPreferences: {
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  const page = await electron.ask('app://unrolled/');
  expect(await page.text()).toBe(await readFile('dist/renderer/index.html', 'utf8'));
  await end(electron);
});

test('its page reaches the services and the dialogs', async () => {
  const electron = await run();
  const { api } = connectTo(electron);
  expect(await api.app.info({})).toMatchObject({ ok: true, value: { host: 'electron', version: '0.1.0' } });
  expect(await api.workspace.info({})).toMatchObject({ ok: true, value: { path: join(folder, 'workspace') } });
  expect(await api.dialogs.chooseFile({})).toEqual({ ok: true, value: { path: null } });
  expect(await api.dialogs.chooseFolder({})).toEqual({ ok: true, value: { path: '/a/folder' } });
  await end(electron);
});

test('closing the window keeps its place and leaves the workspace free', async () => {
  const first = await run();
  expect(await end(first)).toBe(0);
  vi.resetModules();
  const second = await run();
  expect(second.windows[0]?.options).toMatchObject({ x: 10, y: 20, width: 1300, height: 700 });
  expect(await end(second)).toBe(0);
});

test('a second start shows the window of the first', async () => {
  const electron = await run();
  const [window] = electron.windows;
  electron.app.emit('second-instance');
  if (window) {
    window.minimized = true;
  }
  electron.app.emit('second-instance');
  expect(window?.calls).toEqual(['show', 'focus', 'restore', 'focus']);
  await end(electron);

  vi.resetModules();
  const other = await run({ first: false });
  expect(other.happened).toContain('quit');
  expect(other.windows).toEqual([]);
});

test('a page that crashes is loaded anew once it was loaded', async () => {
  const electron = await run();
  const [window] = electron.windows;
  window?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  window?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  expect(window?.calls).toEqual(['show', 'reload']);
  await end(electron);
});

test('a workspace that another one holds is said in a box', async () => {
  const first = await run();
  vi.resetModules();
  const second = await run();
  expect(await second.exited).toBe(1);
  expect(second.windows).toEqual([]);
  expect(second.errorBoxes).toHaveLength(1);
  expect(second.errorBoxes[0]?.[0]).toBe('Unrolled');
  expect(second.errorBoxes[0]?.[1]).toContain(join(folder, 'workspace'));
  await end(first);
});

test('a page that is not isolated is a defect', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const electron = await run({ isolated: false });
  expect(await electron.exited).toBe(1);
  expect(electron.windows[0]?.calls).toEqual([]);
  expect(logged.mock.calls.flat().map(String).join(' ')).toContain('not isolated');
});
