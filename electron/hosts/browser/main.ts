/** The program as the browser host runs it. */
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { contract, events } from '../../api/contract.ts';
import { createServices } from '../../services.ts';
import { dispatch } from '../../transport/dispatch.ts';
import { EventHub } from '../../transport/event-hub.ts';
import { logEvent, openLog } from '../../transport/log.ts';
import { defaultWorkspace, logFolder } from '../../workspace/location.ts';
import { expandHome } from '../../workspace/person-path.ts';
import { Assets } from '../assets.ts';
import { noDialogs } from '../dialogs.ts';
import type { HostValues } from '../flags.ts';
import { assetFolders, programVersion } from '../program.ts';
import { keepLastPort, readLastPort } from './last-port.ts';
import { openBrowser } from './open-browser.ts';
import { startBrowserHost } from './server.ts';

/** Serves until a signal ends it. Throws UnrolledError where it cannot begin. */
export async function serveInBrowser({ port = 0, open = true, workspace }: HostValues): Promise<void> {
  openLog(logFolder());
  // Node tells of them on the terminal and ends the process.
  process.on('uncaughtExceptionMonitor', (error) => logEvent(`defect of the program: ${inspect(error)}`));
  const assets = await Assets.open(assetFolders);
  const hub = new EventHub(events);
  const folder = resolve(expandHome(workspace ?? defaultWorkspace()));
  const running = await createServices({
    path: folder,
    emit: hub.emit,
    host: 'browser',
    version: programVersion(),
  });
  try {
    const answer = dispatch(contract, { ...running.services, ...noDialogs });
    const preferredPort = readLastPort(folder);
    const host = await startBrowserHost({ dispatch: answer, events: hub, assets, port, preferredPort });
    try {
      keepLastPort(folder, host.port);
      console.log(`Open ${host.url}`);
      console.log('Ctrl-C ends it; what trains then is paused, and goes on from there the next time.');
      if (open) {
        openBrowser(host.onceUrl());
      }
      await endSignal();
    } finally {
      await host.close();
    }
  } finally {
    await running.close();
  }
}

/** Resolves at the first signal that asks the process to end; a second one ends it at once. */
function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
  });
}
