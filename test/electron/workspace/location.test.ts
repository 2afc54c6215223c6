import { describe, expect, test } from 'vitest';
import {
  defaultWorkspace,
  isSameFolder,
  logFolder,
  portableData,
  profileFolder,
  requireApart,
  type Machine,
} from '../../../electron/workspace/location.ts';

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
    ['darwin', '/Users/ada', {}, '/Users/ada/Library/Application Support/Unrolled/workspace'],
    ['win32', 'C:\\Users\\ada', {}, 'C:\\Users\\ada\\AppData\\Local\\Unrolled\\workspace'],
    ['win32', 'C:\\Users\\ada', { APPDATA: 'S:\\Roaming', LOCALAPPDATA: 'D:\\Data' }, 'D:\\Data\\Unrolled\\workspace'],
    ['linux', '/home/ada', { XDG_DATA_HOME: '/data', XDG_STATE_HOME: '/data' }, '/data/unrolled/workspace'],
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

describe('a workspace of an earlier version', () => {
  test.each([
    ['win32', 'C:\\Users\\ada\\AppData\\Roaming\\Unrolled', '\\'],
    ['darwin', '/Users/ada/Library/Application Support/Unrolled', '/'],
  ] as const)('is used on %s where it was, as long as there is no new one', (platform, earlier, separator) => {
    const database = `${earlier}${separator}workspace.db`;
    expect(defaultWorkspace(machine(platform, {}, [database]))).toBe(earlier);
    const current = defaultWorkspace(machine(platform));
    expect(defaultWorkspace(machine(platform, {}, [database, `${current}${separator}workspace.db`]))).toBe(current);
  });
});

describe('the folders of the program', () => {
  const XDG = { XDG_DATA_HOME: '/x', XDG_STATE_HOME: '/x', XDG_CONFIG_HOME: '/x' };
  test.each([
    ['linux', {}, []],
    ['linux', XDG, []],
    ['linux', XDG, ['/x/unrolled/workspace.db']],
    ['darwin', {}, []],
    ['darwin', {}, ['/Users/ada/Library/Application Support/Unrolled/workspace.db']],
    ['win32', {}, []],
    ['win32', {}, ['C:\\Users\\ada\\AppData\\Roaming\\Unrolled\\workspace.db']],
    ['win32', { PORTABLE_EXECUTABLE_DIR: 'E:\\' }, []],
  ] as const)('are each its own on %s, whatever the case: %o %o', (platform, environment, files) => {
    const executable = platform === 'win32' ? 'C:\\Unrolled.exe' : '/opt/unrolled';
    const described = machine(platform, { environment, executable }, files);
    const folders = [defaultWorkspace(described), profileFolder(described), logFolder(described)];
    expect(new Set(folders.map((folder) => folder.toLowerCase())).size).toBe(3);
  });

  test('are beside a portable program', () => {
    const portable = machine('win32', { executable: 'E:\\a.exe', environment: { PORTABLE_EXECUTABLE_DIR: 'E:\\' } });
    expect(profileFolder(portable)).toBe('E:\\Unrolled data\\profile');
    expect(logFolder(portable)).toBe('E:\\Unrolled data\\logs');
  });
});

describe('a workspace', () => {
  test.each([
    ['/home/ada/profile', false],
    ['/home/ada/PROFILE/', false],
    ['/home/ada', false],
    ['/', false],
    ['/home/ada/profile-2', true],
    ['/home/ada/profile/inside', true],
    ['/home/ada/workspace', true],
  ])('in %s is apart from the profile: %s', (folder, apart) => {
    const require = (): void => requireApart(folder, '/home/ada/Profile');
    if (apart) expect(require).not.toThrow();
    else expect(require).toThrow('where the program keeps data of its own');
  });

  test('is the same in whatever case it is written', () => {
    expect(isSameFolder('/home/Ada/Unrolled', '/home/ada/unrolled/')).toBe(true);
    expect(isSameFolder('/home/ada/unrolled', '/home/ada/unrolled2')).toBe(false);
  });
});
