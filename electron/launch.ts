/** What "npm start" runs: the app in Electron's window where there is one, else in the browser. */
import { reportError } from './cli/report-error.ts';
import { serveInBrowser } from './hosts/browser/main.ts';
import { thisDesktop } from './hosts/browser/open-browser.ts';
import { electronPackage, findRuntime } from './hosts/electron/runtime.ts';
import { runInElectron } from './hosts/electron/start.ts';
import { hostHelp, parseHostFlags, type HostValues } from './hosts/flags.ts';

async function launch(args: readonly string[]): Promise<number> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(hostHelp());
    return 0;
  }
  const values = parseHostFlags(args);
  if (values.serve !== true) {
    const ended = await tryElectron(values);
    if (typeof ended === 'number') {
      return ended;
    }
    console.log(`Serving the app in the browser, because ${ended}.`);
  }
  await serveInBrowser(values);
  return 0;
}

/** The exit status of the app, or in part of a sentence why it showed no window. */
async function tryElectron(values: HostValues): Promise<number | string> {
  const runtime = findRuntime(thisDesktop, electronPackage());
  if ('reason' in runtime) {
    return runtime.reason;
  }
  const end = await runInElectron(runtime.executable, values);
  return end.shown ? end.status : end.reason;
}

try {
  process.exitCode = await launch(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error, (line) => console.error(line));
}
