/**
 * Where a workspace lies. SQLite's write-ahead log needs memory that all its processes share, which network file
 * systems do not have (https://sqlite.org/wal.html), and programs that synchronize folders copy its files one by one.
 */
import { realpathSync, statfsSync } from 'node:fs';

/** `name`: of the file system or the service, for messages. */
export type Storage = { readonly kind: 'local' } | { readonly kind: 'network' | 'synced'; readonly name: string };

/** What is asked of the system; tests answer it themselves. */
export interface StorageProbe {
  readonly platform: NodeJS.Platform;
  /** The path without links; mapped drives of Windows become the path on the server. */
  realPath(path: string): string;
  /** The type of the file system, as statfs(2) numbers it. */
  fileSystemType(path: string): number;
}

export const systemProbe: StorageProbe = {
  platform: process.platform,
  realPath: (path) => realpathSync.native(path),
  fileSystemType: (path) => statfsSync(path).type,
};

/** Of Linux: statfs(2), and linux/magic.h. File systems in user space are mostly on another machine. */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9P'],
  [0x786f4256, 'a VirtualBox shared folder'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x7461636f, 'OCFS2'],
  [0x01161970, 'GFS2'],
  [0x65735546, 'FUSE'],
]);

/** Names of folders that a service keeps in step with other computers. */
const SYNCED: readonly (readonly [name: string, folder: RegExp])[] = [
  ['OneDrive', /^onedrive(?: - .+)?$/iu],
  ['Dropbox', /^dropbox(?: \(.+\))?$/iu],
  ['Google Drive', /^(?:google drive|googledrive|my drive)$/iu],
  ['iCloud Drive', /^(?:icloud ?drive|mobile documents)$/iu],
  ['Nextcloud', /^nextcloud$/iu],
  ['ownCloud', /^owncloud$/iu],
  ['Box', /^(?:box|box sync)$/iu],
  ['a cloud service', /^cloudstorage$/iu],
];

/** Of a folder that is there. What cannot be told counts as local. */
export function storageOf(folder: string, probe: StorageProbe = systemProbe): Storage {
  let path = folder;
  try {
    path = probe.realPath(folder);
  } catch {
    // As it was given.
  }
  const parts = path.split(probe.platform === 'win32' ? /[\\/]/u : '/');
  for (const part of parts) {
    const found = SYNCED.find(([, pattern]) => pattern.test(part));
    if (found) return { kind: 'synced', name: found[0] };
  }
  return onNetwork(path, probe);
}

function onNetwork(path: string, probe: StorageProbe): Storage {
  switch (probe.platform) {
    case 'win32':
      // \\server\share, \\?\UNC\server\share; \\?\C:\ and \\.\ are of this computer.
      return /^(?:\\\\\?\\UNC\\|[\\/]{2}(?![?.][\\/]))/iu.test(path)
        ? { kind: 'network', name: 'a network share' }
        : { kind: 'local' };
    case 'darwin':
      // The numbers of file systems differ from version to version; shares are mounted here, as external disks are.
      return /^\/(?:Volumes|Network)\//u.test(path)
        ? { kind: 'network', name: 'an external or network volume' }
        : { kind: 'local' };
    default:
      return linuxNetwork(path, probe);
  }
}

function linuxNetwork(path: string, probe: StorageProbe): Storage {
  try {
    // Node gives the number with its sign on some systems.
    const name = NETWORK_TYPES.get(probe.fileSystemType(path) >>> 0);
    return name === undefined ? { kind: 'local' } : { kind: 'network', name };
  } catch {
    return { kind: 'local' };
  }
}
