/**
 * The entry of the main process. Electron is ready only after this module has been evaluated to its end: nothing here
 * may wait for that, and what must come before it comes first.
 */
import { app, protocol } from 'electron';
import { mkdirSync } from 'node:fs';
import { openLog } from '../../transport/log.ts';
import { logFolder, profileFolder } from '../../workspace/location.ts';
import { failStart, watchProcess } from './failures.ts';
import { lockPages, silenceChromium } from './lock-down.ts';
import { SCHEMES } from './scheme.ts';

/** As in build/electron-builder.yml; Windows groups windows and shortcuts by it. */
const APP_ID = 'org.unrolled.lab';

openLog(logFolder());
watchProcess();
protocol.registerSchemesAsPrivileged(SCHEMES);
silenceChromium(app);
lockPages(app);
if (process.platform === 'win32') {
  app.setAppUserModelId(APP_ID);
}
try {
  useProfile(profileFolder());
  const { runApplication } = await import('./application.ts');
  runApplication();
} catch (error) {
  void failStart(error);
}

/** The folder of what Chromium keeps, which must not be the workspace's. */
function useProfile(folder: string): void {
  if (!app.commandLine.hasSwitch('user-data-dir')) {
    mkdirSync(folder, { recursive: true });
    app.setPath('userData', folder);
  }
}
