/** Each thing that a page may not do, tried on stubs of what Electron asks. */
import { EventEmitter } from 'node:events';
import type { App, Session } from 'electron';
import { describe, expect, test } from 'vitest';
import { lockPages, lockSession, silenceChromium } from '../../../../electron/hosts/electron/lock-down.ts';

const OURS = 'app://unrolled/index.html';
const OTHERS = ['https://example.org/', 'http://127.0.0.1:8080/', 'file:///etc/passwd', 'app://other/', 'javascript:1'];

describe('a page', () => {
  function lockedPage(): { contents: EventEmitter; openWindow: () => unknown } {
    const app = new EventEmitter();
    lockPages(app as unknown as App);
    let opener: () => unknown = () => 'no handler';
    const contents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: () => unknown) => {
        opener = handler;
      },
    });
    app.emit('web-contents-created', {}, contents);
    return { contents, openWindow: () => opener() };
  }

  function prevented(contents: EventEmitter, event: string, url: string): boolean {
    let stopped = false;
    contents.emit(event, { url, preventDefault: () => (stopped = true) });
    return stopped;
  }

  test('opens no windows', () => {
    expect(lockedPage().openWindow()).toEqual({ action: 'deny' });
  });

  test.each(['will-frame-navigate', 'will-redirect'])('stays in the program: %s', (event) => {
    const { contents } = lockedPage();
    expect(prevented(contents, event, OURS)).toBe(false);
    for (const url of OTHERS) {
      expect(prevented(contents, event, url)).toBe(true);
    }
  });

  test('holds no other page', () => {
    expect(prevented(lockedPage().contents, 'will-attach-webview', OURS)).toBe(true);
  });
});

describe('the session', () => {
  interface Locked {
    request: (contents: unknown, permission: string, decide: (granted: boolean) => void) => void;
    check: (contents: unknown, permission: string) => boolean;
    device: () => boolean;
    before: (details: { url: string }, decide: (response: { cancel: boolean }) => void) => void;
  }

  function lockedSession(): Locked {
    const locked: Partial<Locked> = {};
    lockSession({
      setPermissionRequestHandler: (handler: Locked['request']) => void (locked.request = handler),
      setPermissionCheckHandler: (handler: Locked['check']) => void (locked.check = handler),
      setDevicePermissionHandler: (handler: Locked['device']) => void (locked.device = handler),
      webRequest: { onBeforeRequest: (handler: Locked['before']) => void (locked.before = handler) },
    } as unknown as Session);
    return locked as Locked;
  }

  test.each([
    ['clipboard-sanitized-write', OURS, true],
    ['clipboard-sanitized-write', 'https://example.org/', false],
    ['clipboard-read', OURS, false],
    ['media', OURS, false],
    ['geolocation', OURS, false],
    ['notifications', OURS, false],
    ['openExternal', OURS, false],
  ])('grants %s to %s: %s', (permission, url, granted) => {
    const { request } = lockedSession();
    const decisions: boolean[] = [];
    request({ getURL: () => url }, permission, (decision) => decisions.push(decision));
    expect(decisions).toEqual([granted]);
  });

  test('has what it grants checked the same, and gives no devices', () => {
    const { check, device } = lockedSession();
    expect(check(null, 'clipboard-sanitized-write')).toBe(true);
    expect(check(null, 'media')).toBe(false);
    expect(device()).toBe(false);
  });

  test.each([
    ['app://unrolled/assets/a.js', false],
    ['blob:app://unrolled/1', false],
    ['data:image/png;base64,AA', false],
    ['https://example.org/', true],
    ['http://127.0.0.1:1/', true],
    ['ws://127.0.0.1:1/', true],
    ['file:///etc/passwd', true],
    ['ftp://example.org/', true],
    ['nonsense', true],
  ])('sends no request past the program: %s', (url, cancelled) => {
    const decisions: unknown[] = [];
    lockedSession().before({ url }, (decision) => decisions.push(decision));
    expect(decisions).toEqual([{ cancel: cancelled }]);
  });
});

test('Chromium resolves no name and asks nobody', () => {
  const switches: string[][] = [];
  const commandLine = { appendSwitch: (...words: string[]) => switches.push(words) };
  silenceChromium({ commandLine } as unknown as App);
  expect(switches).toContainEqual(['host-resolver-rules', 'MAP * ~NOTFOUND']);
  expect(switches).toContainEqual(['disable-background-networking']);
  expect(switches).toContainEqual(['disable-component-update']);
});
