/**
 * Runs a packed program as Electron's main process runs it, in a process of its own under Node. What it shows is on the
 * desktop that started this process (test/e2e/electron/desktop.ts).
 *
 *     node --import hooks.ts host.ts [ARGUMENTS OF THE PROGRAM]
 */
import { pathToFileURL } from 'node:url';
import { dialog, entry, standIn } from './electron.ts';

process.env['UNROLLED_ELECTRON_MAIN'] = String(process.pid);
Object.defineProperty(process, 'versions', { value: { ...process.versions, electron: '45.4.1', chrome: '156.0.0.0' } });

// The packed program is given its arguments right after its own name.
process.argv = [process.execPath, ...process.argv.slice(2)];
// Electron's event loop does not run dry.
const KEEPS_ALIVE_MS = 1 << 30;
setInterval(() => undefined, KEEPS_ALIVE_MS);
// The desktop's end is this one's, as when a person logs out.
process.on('disconnect', () => standIn.exit(1));
// Electron's own handler stands back where the program has one.
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') > 1) return;
  dialog.showErrorBox('A JavaScript error occurred in the main process', `Uncaught Exception:\n${String(error.stack)}`);
});

import(pathToFileURL(entry).href).then(
  () => standIn.start(),
  (error: unknown) => {
    standIn.start();
    process.emit('uncaughtException', error instanceof Error ? error : new Error(String(error)));
  },
);
