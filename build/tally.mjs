/**
 * Prints the tally of vitest's JSON report (its path is the argument) as `N passed, M failed, K skipped`, alone on a
 * line. A test file that could not be read counts as one failure. Exit status 1 where a test failed or none ran.
 */
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Report The part of vitest's JSON report that is read here.
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults One a file.
 */

/**
 * @param {string} text Empty where the tests were never reached.
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
function tally(text) {
  if (text.trim() === '') return { passed: 0, failed: 0, skipped: 0 };
  const report = /** @type {Report} */ (JSON.parse(text));
  const unread = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unread.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const { passed, failed, skipped } = tally(readFileSync(process.argv[2] ?? '', 'utf8'));
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0 || passed === 0) process.exitCode = 1;
