import { describe, expect, test } from 'vitest';
import { BRIDGE_NAME, bridgeChannel, type Bridge } from '../../../electron/api/client-bridge.ts';
import type { Result } from '../../../electron/api/call.ts';
import { MAXIMUM_CALLS, MAXIMUM_REQUEST_BYTES } from '../../../electron/api/messages.ts';
import { dispatch } from '../../../electron/transport/dispatch.ts';
import { EventHub } from '../../../electron/transport/event-hub.ts';
import { serveIpc } from '../../../electron/transport/ipc-main.ts';
import { exposeBridge } from '../../../electron/transport/ipc-preload.ts';
import { testTransport } from '../api/contract-suite.ts';
import { contract, createServices, events } from '../api/small-contract.ts';
import { StubIpc, type StubFrame, type StubPage } from './electron-stub.ts';

const OURS = 'app://unrolled/index.html';
const isOurs = (url: string): boolean => url.startsWith('app://unrolled/');

function bridgeOf(page: StubPage): Bridge {
  exposeBridge(page.modules);
  return page.globals.get(BRIDGE_NAME) as Bridge;
}

testTransport('IPC', (dispatchCall, hub) => {
  const ipc = new StubIpc();
  const end = serveIpc({ ipcMain: ipc.ipcMain, dispatch: dispatchCall, events: hub, isOurs });
  return Promise.resolve({
    open: (listener) => bridgeChannel(bridgeOf(ipc.openPage({ url: OURS, parent: null })))(listener),
    close: () => {
      end();
      expect(ipc.channels).toEqual([]);
      return Promise.resolve();
    },
  });
});

describe('the sender', () => {
  function serve(frame: StubFrame | null): {
    page: StubPage;
    bridge: Bridge;
    hub: EventHub<typeof events>;
    log: string[];
  } {
    const ipc = new StubIpc();
    const log: string[] = [];
    const hub = new EventHub(events);
    serveIpc({
      ipcMain: ipc.ipcMain,
      dispatch: dispatch(contract, createServices()),
      events: hub,
      isOurs,
      log: (_where, error) => log.push(String(error)),
    });
    const page = ipc.openPage(frame);
    return { page, bridge: bridgeOf(page), hub, log };
  }

  test.each([
    ['a frame that is gone', null],
    ['a page from elsewhere', { url: 'https://example.org/', parent: null }],
    ['a file', { url: 'file:///etc/index.html', parent: null }],
    ['a frame within a page of ours', { url: OURS, parent: {} }],
  ])('is refused: %s', async (_name, frame) => {
    const { bridge, hub, log } = serve(frame);
    const heard: unknown[] = [];
    bridge.onEvent((name, value) => heard.push(name, value));
    bridge.listen(['tick']);
    hub.emit('tick', { count: 1 });
    const result: Result<unknown> = await bridge.call('echo.any', { value: 1 });
    expect(result).toEqual({
      ok: false,
      error: { code: 'refused', message: 'Only the pages of this program may call it.' },
    });
    expect(heard).toEqual([]);
    expect(log).toHaveLength(2);
  });

  test('that is ours is served', async () => {
    const { bridge, log } = serve({ url: OURS, parent: null });
    expect(await bridge.call('echo.any', { value: 1 })).toEqual({ ok: true, value: { value: 1 } });
    expect(log).toEqual([]);
  });

  test('may say what is not a request and gets a failure', async () => {
    const { bridge, hub } = serve({ url: OURS, parent: null });
    const heard: unknown[] = [];
    bridge.onEvent((name) => heard.push(name));
    bridge.listen('tick' as unknown as string[]);
    bridge.listen([3] as unknown as string[]);
    hub.emit('tick', { count: 1 });
    expect(await bridge.call(5 as unknown as string, {})).toMatchObject({ ok: false, error: { code: 'unknown-call' } });
    expect(heard).toEqual([]);
  });

  test('that has closed its window is told nothing more', () => {
    const { page, bridge, hub, log } = serve({ url: OURS, parent: null });
    const heard: unknown[] = [];
    bridge.onEvent((name) => heard.push(name));
    bridge.listen(['tick']);
    hub.emit('tick', { count: 1 });
    page.destroy();
    hub.emit('tick', { count: 2 });
    expect(heard).toEqual(['tick']);
    expect(log).toEqual([]);
  });

  test('that loads its page anew listens to what the new page asks for', () => {
    const { page, bridge, hub } = serve({ url: OURS, parent: null });
    bridge.listen(['tick', 'curve']);
    const reloaded = bridgeOf(page);
    const heard: unknown[] = [];
    reloaded.onEvent((name) => heard.push(name));
    reloaded.listen(['curve']);
    hub.emit('tick', { count: 1 });
    hub.emit('curve', { values: new Float32Array(1) });
    expect(heard).toEqual(['curve']);
  });
});

test('the bridge is one object with three functions', () => {
  const page = new StubIpc().openPage({ url: OURS, parent: null });
  const bridge = bridgeOf(page);
  expect([...page.globals.keys()]).toEqual([BRIDGE_NAME]);
  expect(Object.keys(bridge).sort()).toEqual(['call', 'listen', 'onEvent']);
});

describe('a page that asks for too much', () => {
  function open() {
    const ipc = new StubIpc();
    const services = createServices();
    serveIpc({ ipcMain: ipc.ipcMain, dispatch: dispatch(contract, services), events: new EventHub(events), isOurs });
    return { services, bridge: bridgeOf(ipc.openPage({ url: OURS, parent: null })) };
  }

  test('is told that it is busy, and served again when an answer has come', async () => {
    const { services, bridge } = open();
    const answers = Array.from({ length: MAXIMUM_CALLS }, (_, number) => bridge.call('later.wait', { number }));
    expect(await bridge.call('echo.any', { value: 1 })).toMatchObject({ ok: false, error: { code: 'busy' } });
    await services.release(3);
    expect(await answers[3]).toEqual({ ok: true, value: { number: 3 } });
    expect(await bridge.call('echo.any', { value: 1 })).toEqual({ ok: true, value: { value: 1 } });
  });

  test.each([
    ['one list many times over', () => Array.from({ length: 60 }).reduce<unknown>((list) => [list, list], [])],
    ['a long text', () => 'x'.repeat(MAXIMUM_REQUEST_BYTES + 1)],
    ['a large array', () => new Uint8Array(MAXIMUM_REQUEST_BYTES + 1)],
    ['many numbers', () => new Array<number>(MAXIMUM_REQUEST_BYTES / 2 + 1).fill(0)],
  ])('is refused: %s', async (_what, value) => {
    const { bridge } = open();
    expect(await bridge.call('echo.any', { value: value() })).toEqual({
      ok: false,
      error: { code: 'too-large', message: 'The call echo.any holds more than 8 MiB, which is what passes.' },
    });
  });

  test('is refused where lists are too deep', async () => {
    const { bridge } = open();
    const deep = Array.from({ length: 500 }).reduce<unknown>((list) => [list], []);
    const result = await bridge.call('echo.any', { value: deep });
    expect(result).toMatchObject({ error: { code: 'bad-request' } });
    expect(JSON.stringify(result).length).toBeLessThan(400);
  });
});
