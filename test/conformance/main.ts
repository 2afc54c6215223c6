/**
 * Runs every golden case of a folder through the engine. Exit status 0: none fails; 1: some fail; 2: they could not be
 * run.
 */
import { coreFiles } from '../../electron/core/core-files.ts';
import { loadCore } from '../../engine/core/load.ts';
import { UnrolledError } from '../../engine/errors.ts';
import { parseFlags } from './flags.ts';
import { caseFiles, runFile } from './folder.ts';
import { reportJson, reportLine, tallyOf, type Report } from './report.ts';

async function main(args: readonly string[]): Promise<number> {
  const { folder, json, build, threads } = parseFlags(args);
  const files = await caseFiles(folder);
  const core = await loadCore(coreFiles, { shared: threads > 1, ...(build ? { build } : {}) });
  const reports: Report[] = [];
  for (const file of files) {
    const report = await runFile(file, { core, threads });
    reports.push(report);
    console.log(json ? reportJson(report) : reportLine(report));
  }
  const { pass, fail, unsupported } = tallyOf(reports);
  if (!json) {
    const team = `${core.build}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    console.log(`${pass} passed, ${fail} failed, ${unsupported} unsupported (${team})`);
  }
  return fail > 0 ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UnrolledError)) throw error;
  console.error([error.message, error.hint].filter(Boolean).join('\n'));
  process.exitCode = 2;
}
