/**
 * What electron-builder makes of its configuration, read and checked by its own loader. Targets for Linux go on until their
 * tools would be downloaded: what those are given is checked. Tools of the other systems are needed sooner.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DebugLogger } from 'builder-util';
import { build, Platform, type Configuration } from 'electron-builder';
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packedApp } from '../packed-app.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-installers-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A configuration with those that it extends. Fails where electron-builder knows an option not, or not so. */
async function resolved(file: string): Promise<Configuration> {
  const configuration = await getConfig(resolve('.'), file, {});
  await validateConfiguration(configuration, new DebugLogger(false));
  return configuration;
}

/** "nsis x64", one for each installer that is built. */
function targetsOf({ target }: { readonly target?: unknown }): readonly string[] {
  const targets = target as readonly { readonly target: string; readonly arch: readonly string[] }[];
  return targets.flatMap(({ target, arch }) => arch.map((name) => `${target} ${name}`)).sort();
}

describe('the packages for Linux', () => {
  /** What each target was about to give to its tool, in the order of the targets. */
  const given: unknown[] = [];
  const started: string[] = [];

  beforeAll(async () => {
    // Names and versions are read from dist/app.
    await packedApp();
    const app = join(folder, 'app');
    await mkdir(join(app, 'resources'), { recursive: true });
    await writeFile(join(app, 'unrolled'), '');
    await build({
      targets: Platform.LINUX.createTarget(),
      config: {
        ...(await resolved('build/electron-builder.yml')),
        directories: { app: 'dist/app', buildResources: 'build', output: join(folder, 'out') },
        artifactBuildStarted: ({ file }) => {
          started.push(file.slice(file.lastIndexOf('/') + 1));
        },
      },
      prepackaged: app,
      // Resolving with true ends the target before its tool is fetched and started.
      effectiveOptionComputed: async (options: unknown) => {
        given.push(await filesRead(options));
        return true;
      },
    });
  });

  /** Desktop entries and scripts are in temporary files, which are gone afterwards. */
  async function filesRead(options: unknown): Promise<unknown> {
    if (!Array.isArray(options)) return options;
    const [args, desktopPath] = options as [string[], string];
    const after = (flag: string) => args[args.indexOf(flag) + 1] ?? '';
    return {
      args,
      desktop: await readFile(desktopPath, 'utf8'),
      install: await readFile(after('--after-install'), 'utf8'),
      mime: await readFile(args.find((arg) => arg.includes('=/usr/share/mime/'))?.split('=')[0] ?? '', 'utf8'),
    };
  }

  test('are an AppImage, a deb and an rpm, each for two processors', () => {
    expect(started.map((name) => name.replace(/^Unrolled-\d+\.\d+\.\d+-linux-/u, '')).sort()).toEqual([
      'aarch64.rpm',
      'amd64.deb',
      'arm64.AppImage',
      'arm64.deb',
      'x86_64.AppImage',
      'x86_64.rpm',
    ]);
    expect(given).toHaveLength(6);
  });

  test('start the app with its sandbox, open bundles, and are known by one name to the desktop', () => {
    const entries = given.map((options) => (options as { readonly desktop: string }).desktop);
    for (const entry of entries) {
      expect(entry).toMatch(/^Exec=.* %U$/mu);
      expect(entry).not.toContain('sandbox');
      expect(entry).toMatch(/^MimeType=application\/x-unrolled-bundle;$/mu);
      expect(entry).toMatch(/^StartupWMClass=unrolled$/mu);
      expect(entry).toMatch(/^Categories=Education;$/mu);
    }
  });

  test('carry the static runtime in the AppImage: the old one needs FUSE 2', async () => {
    expect((await resolved('build/electron-builder.yml')).toolsets?.appimage).toBe('1.0.3');
  });

  test('load an AppArmor profile, name who maintains them, and know what a bundle is', async () => {
    const packages = given.filter((options) => 'args' in (options as object)) as {
      readonly args: readonly string[];
      readonly install: string;
      readonly mime: string;
    }[];
    expect(packages).toHaveLength(4);
    for (const { args, install, mime } of packages) {
      expect(args[args.indexOf('--maintainer') + 1]).toMatch(/^The Unrolled authors <\S+@\S+>$/u);
      expect(args[args.indexOf('--url') + 1]).toMatch(/^https:\/\//u);
      expect(args.some((arg) => arg.endsWith('=/opt/Unrolled'))).toBe(true);
      expect(install).toContain("APPARMOR_PROFILE_SOURCE='/opt/Unrolled/resources/apparmor-profile'");
      expect(install).toContain('apparmor_parser --replace');
      expect(mime).toContain('<glob pattern="*.unrolled"/>');
    }
    const appArmor = await readFile(join(folder, 'app/resources/apparmor-profile'), 'utf8');
    expect(appArmor).toMatch(/profile "unrolled" "\/opt\/Unrolled\/unrolled" flags=\(unconfined\) \{\s*userns,/u);
  });
});

describe('the packages for Windows', () => {
  test('are a setup program, an MSI, and one file that is portable', async () => {
    const { win } = await resolved('build/electron-builder.yml');
    expect(targetsOf(win ?? {})).toEqual(['msi x64', 'nsis arm64', 'nsis x64', 'portable arm64', 'portable x64']);
  });

  test('install for one person or for all, and leave the data when they are removed', async () => {
    const { nsis, msi, portable } = await resolved('build/electron-builder.yml');
    expect(nsis).toMatchObject({
      oneClick: false,
      perMachine: false,
      allowToChangeInstallationDirectory: true,
      deleteAppDataOnUninstall: false,
      // One program for each processor, or the file has both.
      buildUniversalInstaller: false,
    });
    expect(msi).toMatchObject({ perMachine: true });
    expect(portable).toMatchObject({ requestExecutionLevel: 'user', buildUniversalInstaller: false });
  });

  test('have a zip that is portable by the file beside its program', async () => {
    const { win, extraFiles, electronFuses, appId } = await resolved('build/electron-builder.portable.yml');
    expect(win?.artifactName).toMatch(/-portable\.\$\{ext\}$/u);
    expect(extraFiles).toEqual([{ from: 'build/portable.txt', to: 'portable.txt' }]);
    expect(await readFile('build/portable.txt', 'utf8')).toContain('Unrolled data');
    const base = await resolved('build/electron-builder.yml');
    expect({ electronFuses, appId }).toEqual({ electronFuses: base.electronFuses, appId: base.appId });
  });
});

describe('the packages for macOS', () => {
  test('are a disk image and a zip for both processors', async () => {
    const { mac } = await resolved('build/electron-builder.yml');
    expect(targetsOf(mac ?? {})).toEqual(['dmg arm64', 'dmg x64', 'zip arm64', 'zip x64']);
  });

  test('are signed ad hoc, with what V8 needs', async () => {
    const { mac } = await resolved('build/electron-builder.yml');
    expect(mac).toMatchObject({ identity: '-', hardenedRuntime: true });
    const entitlements = await readFile(mac?.entitlements ?? '', 'utf8');
    for (const name of ['allow-jit', 'disable-library-validation']) {
      expect(entitlements).toContain(`<key>com.apple.security.cs.${name}</key>`);
    }
  });
});

describe('every package', () => {
  test('opens .unrolled files', async () => {
    const { fileAssociations } = await resolved('build/electron-builder.yml');
    expect(fileAssociations).toEqual([expect.objectContaining({ ext: 'unrolled', role: 'Editor' })]);
  });

  test('has a name that tells its system and processor, and no two have the same', async () => {
    const { artifactName, nsis, portable } = await resolved('build/electron-builder.yml');
    const zip = (await resolved('build/electron-builder.portable.yml')).win?.artifactName;
    const patterns = [artifactName, nsis?.artifactName, portable?.artifactName, zip];
    for (const pattern of patterns) expect(pattern).toMatch(/^\$\{productName\}-\$\{version\}-\$\{os\}-\$\{arch\}/u);
    const exes = [nsis?.artifactName, portable?.artifactName];
    expect(new Set(exes).size).toBe(2);
  });

  test('has the fuses set; the copy that tests drive differs in one', async () => {
    const { electronFuses } = await resolved('build/electron-builder.yml');
    expect(electronFuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      grantFileProtocolExtraPrivileges: false,
      onlyLoadAppFromAsar: true,
      enableEmbeddedAsarIntegrityValidation: true,
    });
    const driven = await resolved('build/electron-builder.driven.yml');
    expect(driven.electronFuses).toEqual({ ...electronFuses, enableNodeCliInspectArguments: true });
    expect(driven.directories).toMatchObject({ app: 'dist/app', output: 'dist/driven' });
  });
});

test('the instructions name every kind of file that is built', async () => {
  const text = await readFile('docs/install.md', 'utf8');
  for (const file of [
    'win-ARCH-setup.exe',
    'win-x64.msi',
    'win-ARCH-portable.exe',
    'win-ARCH-portable.zip',
    'mac-ARCH.dmg',
    'linux-ARCH.AppImage',
    'linux-ARCH.deb',
    'linux-ARCH.rpm',
  ]) {
    expect(text).toContain(`Unrolled-VERSION-${file}`);
  }
});
