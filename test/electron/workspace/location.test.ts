import { describe, expect, test } from 'vitest';
import { defaultWorkspace, portableData, type Machine } from '../../../electron/workspace/location.ts';

/** A machine with the installed app, and `files` beside it. */
function machine(platform: NodeJS.Platform, parts: Partial<Machine> = {}, files: readonly string[] = []): Machine {
  const home = { win32: 'C:\\Users\\ada', darwin: '/Users/ada' }[platform as string] ?? '/home/ada';
  return { platform, home, environment: {}, executable: null, exists: (path) => files.includes(path), ...parts };
}

describe('defaultWorkspace', () => {
  test.each([
    ['linux', '/home/ada', {}, '/home/ada/.local/share/unrolled'],
    ['linux', '/home/ada', { XDG_DATA_HOME: '/data/ada' }, '/data/ada/unrolled'],
    ['linux', '/home/ada', { XDG_DATA_HOME: 'data' }, '/home/ada/.local/share/unrolled'],
    ['darwin', '/Users/ada', {}, '/Users/ada/Library/Application Support/Unrolled'],
    ['win32', 'C:\\Users\\ada', {}, 'C:\\Users\\ada\\AppData\\Roaming\\Unrolled'],
    ['win32', 'C:\\Users\\ada', { APPDATA: 'D:\\Data' }, 'D:\\Data\\Unrolled'],
  ] as const)('is where %s keeps the data of programs, for the home %s and %o', (platform, home, environment, path) => {
    expect(defaultWorkspace(machine(platform, { home, environment }))).toBe(path);
  });

  test('is beside the single executable for Windows, which unpacks itself elsewhere', () => {
    const executable = 'C:\\Users\\ada\\AppData\\Local\\Temp\\2f\\Unrolled.exe';
    const environment = { PORTABLE_EXECUTABLE_DIR: 'E:\\', APPDATA: 'D:\\Data' };
    expect(defaultWorkspace(machine('win32', { executable, environment }))).toBe('E:\\Unrolled data\\workspace');
  });

  test.each([
    ['win32', 'E:\\Unrolled\\Unrolled.exe', {}, 'E:\\Unrolled\\portable.txt', 'E:\\Unrolled\\Unrolled data\\workspace'],
    [
      'linux',
      '/media/stick/unrolled/unrolled',
      {},
      '/media/stick/unrolled/portable.txt',
      '/media/stick/unrolled/Unrolled data/workspace',
    ],
    [
      'linux',
      '/tmp/.mount_a/unrolled',
      { APPDIR: '/tmp/.mount_a', APPIMAGE: '/media/stick/Unrolled.AppImage' },
      '/media/stick/portable.txt',
      '/media/stick/Unrolled data/workspace',
    ],
    [
      'darwin',
      '/Volumes/STICK/Unrolled.app/Contents/MacOS/Unrolled',
      {},
      '/Volumes/STICK/portable.txt',
      '/Volumes/STICK/Unrolled data/workspace',
    ],
  ] as const)(
    'is beside a program of %s at %s with portable.txt beside it',
    (platform, executable, environment, marker, path) => {
      expect(defaultWorkspace(machine(platform, { executable, environment }, [marker]))).toBe(path);
      expect(defaultWorkspace(machine(platform, { executable, environment }))).not.toBe(path);
    },
  );
});

describe('portableData', () => {
  test('is not beside an installed program', () => {
    const executable = 'C:\\Program Files\\Unrolled\\Unrolled.exe';
    expect(portableData(machine('win32', { executable }))).toBeUndefined();
    expect(
      portableData(machine('win32', { executable, environment: { PORTABLE_EXECUTABLE_DIR: '' } })),
    ).toBeUndefined();
  });

  test('is not beside Node, whatever the environment says', () => {
    const environment = { PORTABLE_EXECUTABLE_DIR: 'E:\\' };
    expect(portableData(machine('win32', { environment }))).toBeUndefined();
  });

  test('is beside the program itself where the environment is that of another program’s AppImage', () => {
    const environment = { APPDIR: '/tmp/.mount_terminal', APPIMAGE: '/opt/Terminal.AppImage' };
    const executable = '/home/ada/unrolled/unrolled';
    const files = ['/opt/portable.txt'];
    expect(portableData(machine('linux', { executable, environment }, files))).toBeUndefined();
    expect(portableData(machine('linux', { executable, environment }, ['/home/ada/unrolled/portable.txt']))).toBe(
      '/home/ada/unrolled/Unrolled data',
    );
  });
});
