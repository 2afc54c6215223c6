import { describe, expect, test } from 'vitest';
import { browserCommand, hasDisplay } from '../../../../electron/hosts/browser/open-browser.ts';

const url = 'http://127.0.0.1:1234/?token=abc';

describe('a browser', () => {
  test.each([
    ['win32', {}, ['rundll32', 'url.dll,FileProtocolHandler', url]],
    ['darwin', {}, ['open', url]],
    ['linux', { DISPLAY: ':0' }, ['xdg-open', url]],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open', url]],
    ['linux', { DISPLAY: '', WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open', url]],
    ['linux', {}, undefined],
    ['linux', { DISPLAY: '' }, undefined],
  ] as const)('on %s with %o', (platform, environment, command) => {
    expect(browserCommand(url, { platform, environment })).toEqual(command);
    expect(hasDisplay({ platform, environment })).toBe(command !== undefined);
  });
});
