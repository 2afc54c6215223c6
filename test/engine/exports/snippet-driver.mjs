// Runs snippet.mjs of every folder given, in it, and prints what each has printed, one JSON text a line.
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

// As a page would: names relative to where it lies.
const real = globalThis.fetch.bind(globalThis);
Reflect.set(globalThis, 'fetch', fetchBeside);
/**
 * @param {string | URL | Request} input
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
async function fetchBeside(input, init) {
  const url = input instanceof Request ? input.url : String(input);
  return /^[a-z]+:/u.test(url) ? real(input, init) : new Response(await readFile(join(process.cwd(), url)));
}
const print = console.log;
const results = [];
for (const folder of process.argv.slice(2)) {
  process.chdir(folder);
  /** @type {string[]} */
  const printed = [];
  console.log = (/** @type {string} */ text) => printed.push(text);
  await import(pathToFileURL(join(folder, 'snippet.mjs')).href);
  results.push(printed.join('\n'));
}
console.log = print;
for (const result of results) console.log(JSON.stringify(result));
