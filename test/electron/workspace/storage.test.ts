import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storageOf, type StorageProbe } from '../../../electron/workspace/storage.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { temporaryFolder } from '../folder.ts';

function probe(platform: NodeJS.Platform, type = 0xef53, realPath = (path: string) => path): StorageProbe {
  return { platform, realPath, fileSystemType: () => type };
}

test.each([
  ['linux', '/home/ada/unrolled', 0xef53, 'local'],
  ['linux', '/home/ada/dropboxes/unrolled', 0xef53, 'local'],
  ['linux', '/home/ada/unrolled', 0x6969, 'network'],
  // As Node gives it where the number does not fit into 31 bits.
  ['linux', '/home/ada/unrolled', 0xff534d42 | 0, 'network'],
  ['linux', '/home/ada/unrolled', 0xff534d42, 'network'],
  ['linux', '/mnt/c/Users/ada', 0x01021997, 'network'],
  ['linux', '/home/ada/sshfs/unrolled', 0x65735546, 'network'],
  ['linux', '/home/ada/Dropbox/unrolled', 0xef53, 'synced'],
  ['linux', '/home/ada/Nextcloud/lab', 0xef53, 'synced'],
  ['darwin', '/Users/ada/Library/Application Support/Unrolled', 0, 'local'],
  ['darwin', '/Users/ada/Library/Mobile Documents/com~apple~CloudDocs/lab', 0, 'synced'],
  ['darwin', '/Users/ada/Library/CloudStorage/OneDrive-School/lab', 0, 'synced'],
  ['darwin', '/Volumes/school/lab', 0, 'network'],
  ['win32', 'C:\\Users\\ada\\AppData\\Local\\Unrolled', 0, 'local'],
  ['win32', '\\\\?\\C:\\Users\\ada\\Unrolled', 0, 'local'],
  ['win32', '\\\\server\\homes\\ada\\Unrolled', 0, 'network'],
  ['win32', '//server/homes/ada/Unrolled', 0, 'network'],
  ['win32', '\\\\?\\UNC\\server\\homes\\ada', 0, 'network'],
  ['win32', 'C:\\Users\\ada\\OneDrive - Example School\\lab', 0, 'synced'],
  ['win32', 'C:\\Users\\ada\\Dropbox (Personal)\\lab', 0, 'synced'],
  ['win32', 'G:\\My Drive\\lab', 0, 'synced'],
  ['win32', 'C:\\Users\\ada\\iCloudDrive\\lab', 0, 'synced'],
] as const)('on %s, %s on a file system of type %i is %s', (platform, path, type, kind) => {
  expect(storageOf(path, probe(platform, type)).kind).toBe(kind);
});

test('a mapped drive of Windows is where it leads to', () => {
  const mapped = probe('win32', 0, (path) => path.replace('Z:', '\\\\server\\homes'));
  expect(storageOf('Z:\\lab', mapped)).toEqual({ kind: 'network', name: 'a network share' });
});

test('what the system does not tell counts as local', () => {
  const silent: StorageProbe = {
    platform: 'linux',
    realPath: () => {
      throw new Error('no');
    },
    fileSystemType: () => {
      throw new Error('no');
    },
  };
  expect(storageOf('/somewhere', silent)).toEqual({ kind: 'local' });
});

test.each([
  ['a local folder', probe('linux'), 'wal', []],
  ['a network folder', probe('linux', 0x6969), 'delete', [expect.stringContaining('network file system (NFS)')]],
  [
    'a synchronized folder',
    probe('linux', 0xef53, () => '/home/ada/Dropbox/lab'),
    'delete',
    [expect.stringContaining('that Dropbox synchronizes')],
  ],
] as const)('a workspace in %s is written so that it is safe there, and says so', (_where, system, mode, notices) => {
  const path = temporaryFolder();
  // A database that was written elsewhere before.
  const before = Workspace.open(path);
  before.datasets.insert({ id: 'whales', name: 'Whales', created: 1 });
  before.close();
  const workspace = Workspace.open(path, system);
  expect(workspace.database.get('PRAGMA journal_mode')).toEqual({ journal_mode: mode });
  expect(workspace.notices).toEqual(notices);
  workspace.datasets.insert({ id: 'ships', name: 'Ships', created: 2 });
  expect(readdirSync(path).includes('workspace.db-wal')).toBe(mode === 'wal');
  workspace.close();
  const again = Workspace.open(path);
  expect(again.datasets.list().map(({ id }) => id)).toEqual(['whales', 'ships']);
  again.close();
});
