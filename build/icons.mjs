/**
 * Draws the app's icon, renderer/public/icon.svg, into build/icons in the forms that the systems want. To be run by hand
 * after the drawing has changed; CHROME_PATH names the browser that renders it.
 *
 *     icon.png     Linux, 512 pixels
 *     icon.ico     Windows
 *     icon.icns    macOS
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'build', 'icons');

const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256];
/** Apple's type of a PNG entry, and its pixels. */
const ICNS_TYPES = /** @type {const} */ ([
  ['icp4', 16],
  ['icp5', 32],
  ['icp6', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
]);

/**
 * @param {string} svg
 * @param {readonly number[]} sizes Pixels.
 * @returns {Promise<Map<number, Buffer>>} PNGs by their size.
 */
async function render(svg, sizes) {
  const browser = await chromium.launch({
    executablePath: process.env['CHROME_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    /** @type {Map<number, Buffer>} */
    const images = new Map();
    for (const size of new Set(sizes)) {
      const page = await browser.newPage({ viewport: { width: size, height: size } });
      const sized = svg.replace('<svg ', `<svg width="${size}" height="${size}" style="display:block" `);
      await page.setContent(`<body style="margin:0">${sized}</body>`);
      images.set(size, await page.screenshot({ omitBackground: true }));
      await page.close();
    }
    return images;
  } finally {
    await browser.close();
  }
}

/**
 * A header of 6 bytes, 16 bytes for each image, and the images as PNG.
 * @param {readonly (readonly [size: number, png: Buffer])[]} images
 */
function ico(images) {
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let begin = head.length;
  images.forEach(([size, png], i) => {
    const entry = 6 + 16 * i;
    // 0 stands for 256.
    head.writeUInt8(size % 256, entry);
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(png.length, entry + 8);
    head.writeUInt32LE(begin, entry + 12);
    begin += png.length;
  });
  return Buffer.concat([head, ...images.map(([, png]) => png)]);
}

/**
 * "icns" and the length of all, then each image behind its type and its length, big-endian, heads included.
 * @param {readonly (readonly [type: string, png: Buffer])[]} images
 */
function icns(images) {
  const entries = images.map(([type, png]) => Buffer.concat([head(type, png.length), png]));
  return Buffer.concat([head('icns', Buffer.concat(entries).length), ...entries]);
}

/**
 * @param {string} type Four letters.
 * @param {number} bytes Of what follows.
 */
function head(type, bytes) {
  const result = Buffer.alloc(8);
  result.write(type, 'latin1');
  result.writeUInt32BE(8 + bytes, 4);
  return result;
}

const svg = await readFile(join(root, 'renderer', 'public', 'icon.svg'), 'utf8');
const images = await render(svg, [...ICO_SIZES, ...ICNS_TYPES.map(([, size]) => size)]);
/** @param {number} size */
function image(size) {
  const png = images.get(size);
  if (png === undefined) throw new Error(`No image of ${size} pixels was rendered.`);
  return png;
}
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'icon.png'), image(512));
await writeFile(join(folder, 'icon.ico'), ico(ICO_SIZES.map((size) => [size, image(size)])));
await writeFile(join(folder, 'icon.icns'), icns(ICNS_TYPES.map(([type, size]) => [type, image(size)])));
