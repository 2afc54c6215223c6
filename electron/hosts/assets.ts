/** The files that make up the page, by their address, for whichever host serves them. */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UnrolledError } from '../../engine/errors.ts';

export interface Asset {
  readonly bytes: Buffer<ArrayBuffer>;
  /** MIME type. */
  readonly type: string;
  /** Value of Cache-Control. */
  readonly caching: string;
}

export interface AssetFolders {
  /** The built face: "/" is its index.html. */
  readonly renderer: string;
  /** The built core, under "/core/". */
  readonly core: string;
  /** Licenses of what others made, under "/licenses/". */
  readonly licenses: string;
}

/** Of every kind of file that the page is made of; there is no other. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.html', 'text/html; charset=utf-8'],
  ['.ico', 'image/x-icon'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.md', 'text/markdown; charset=utf-8'],
  ['.png', 'image/png'],
  ['.svg', 'image/svg+xml; charset=utf-8'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.wasm', 'application/wasm'],
  ['.woff2', 'font/woff2'],
]);

/** Folders beside the face's own, by the first part of the address. */
const FOLDERS = ['core', 'licenses'] as const;
/** The bundler names what lies here by its content. */
const NAMED_BY_CONTENT = '/assets/';

export class Assets {
  readonly #folders: AssetFolders;

  /** Throws UnrolledError where the face is not built. */
  static async open(folders: AssetFolders): Promise<Assets> {
    const assets = new Assets(folders);
    if ((await assets.find('/')) === undefined) {
      throw new UnrolledError(
        'no-renderer',
        `The page is not built: there is no index.html in ${folders.renderer}.`,
        'Run: npm run build:app',
      );
    }
    return assets;
  }

  private constructor(folders: AssetFolders) {
    this.#folders = folders;
  }

  /** `path`: of a URL, percent-encoded, without its query. undefined where there is no such file. */
  async find(path: string): Promise<Asset | undefined> {
    const names = namesOf(path === '/' ? '/index.html' : path);
    const type = TYPES.get(extname(names?.at(-1) ?? ''));
    if (names === undefined || type === undefined) {
      return undefined;
    }
    const beside = names.length > 1 ? FOLDERS.find((name) => name === names[0]) : undefined;
    const bytes = await read(
      beside === undefined ? join(this.#folders.renderer, ...names) : join(this.#folders[beside], ...names.slice(1)),
    );
    const caching = path.startsWith(NAMED_BY_CONTENT) ? 'max-age=31536000, immutable' : 'no-cache';
    return bytes && { bytes, type, caching };
  }
}

/** The names of folders and file; undefined where one of them could lead out of the folder, or is hidden. */
function namesOf(path: string): readonly string[] | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const [root, ...names] = decoded.split('/');
  const safe = root === '' && names.length > 0 && names.every((name) => /^[\w@-][\w@.-]*$/u.test(name));
  return safe ? names : undefined;
}

async function read(path: string): Promise<Buffer<ArrayBuffer> | undefined> {
  try {
    return await readFile(path);
  } catch {
    return undefined;
  }
}
