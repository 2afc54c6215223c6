/**
 * Runs npm scripts side by side, as many at once as there are processors, in the order given: the longest first keeps
 * them busy to the end. What a script said is printed in one piece when it has ended. Exit status 1 where one failed;
 * the others are run all the same, so that one look shows everything.
 *
 *     node build/side-by-side.mjs check:lint check:types
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

const npm = process.env['npm_execpath'];
const scripts = process.argv.slice(2);

/**
 * @param {string} npm
 * @param {string} script
 * @returns {Promise<boolean>} Whether it ended well.
 */
async function run(npm, script) {
  const start = performance.now();
  const child = spawn(process.execPath, [npm, 'run', '-s', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Buffer[]} */
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (/** @type {Buffer} */ part) => said.push(part));
  const [status] = /** @type {[number | null]} */ (await once(child, 'close'));
  process.stdout.write(Buffer.concat(said));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${script}: ${status === 0 ? 'clean' : 'FAILED'} after ${seconds} s`);
  return status === 0;
}

if (npm === undefined || scripts.length === 0) {
  console.error('side-by-side runs scripts of package.json and is started by one: "npm run check".');
  process.exit(2);
}

const waiting = scripts.values();
const workers = Array.from({ length: Math.min(availableParallelism(), scripts.length) }, async () => {
  // Each takes the next script from the one iterator that they share.
  for (const script of waiting) if (!(await run(npm, script))) process.exitCode = 1;
});
await Promise.all(workers);
