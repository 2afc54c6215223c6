/**
 * What `npm test` runs: the checks of `npm run check` one after the other, and the tests beside them. Arguments go to
 * vitest. Exit status 1 where one of them failed; the others run all the same.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const CHECKS = ['check:types', 'check:lint', 'check:format'];
const npm = process.env['npm_execpath'];

/**
 * @param {readonly string[]} args
 * @param {'inherit' | 'pipe'} output
 */
async function run(args, output) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', output, output] });
  /** @type {Buffer[]} */
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (/** @type {Buffer} */ part) => printed.push(part));
  }
  const [status] = /** @type {[number | null]} */ (await once(child, 'close'));
  return { passed: status === 0, printed: Buffer.concat(printed) };
}

/** @param {string} npm */
async function runChecks(npm) {
  const lines = [];
  for (const check of CHECKS) {
    const start = performance.now();
    const { passed, printed } = await run([npm, 'run', '-s', check], 'pipe');
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    lines.push(`${printed.toString()}${check}: ${passed ? 'clean' : 'FAILED'} after ${seconds} s`);
    if (!passed) process.exitCode = 1;
  }
  return lines.join('\n');
}

if (npm === undefined) {
  console.error('build/test.mjs is started by "npm test".');
  process.exit(2);
}
// Before both: the tests run it, and nothing else checks that it builds.
const core = await run(['build/core.mjs'], 'inherit');
if (!core.passed) process.exit(1);
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');
const checks = runChecks(npm);
const tests = await run([vitest, 'run', ...process.argv.slice(2)], 'inherit');
console.log(await checks);
if (!tests.passed) process.exitCode = 1;
