import { describe, expect, test } from 'vitest';
import { defaultWorkspace } from '../../../electron/workspace/location.ts';

describe('defaultWorkspace', () => {
  test.each([
    ['linux', '/home/ada', {}, '/home/ada/.local/share/unrolled'],
    ['linux', '/home/ada', { XDG_DATA_HOME: '/data/ada' }, '/data/ada/unrolled'],
    ['linux', '/home/ada', { XDG_DATA_HOME: 'data' }, '/home/ada/.local/share/unrolled'],
    ['darwin', '/Users/ada', {}, '/Users/ada/Library/Application Support/Unrolled'],
    ['win32', 'C:\\Users\\ada', {}, 'C:\\Users\\ada\\AppData\\Roaming\\Unrolled'],
    ['win32', 'C:\\Users\\ada', { APPDATA: 'D:\\Data' }, 'D:\\Data\\Unrolled'],
  ] as const)('is where %s keeps the data of programs, for the home %s and %o', (platform, home, environment, path) => {
    expect(defaultWorkspace({ platform, home, environment })).toBe(path);
  });
});
