/** The entry of a utility process: `process.parentPort` in place of Node's channel, and no end but process.exit. */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';

const KEEPS_ALIVE_MS = 1 << 30;
setInterval(() => undefined, KEEPS_ALIVE_MS);
// Chromium ends its processes with the one that started them.
process.on('disconnect', () => process.exit(0));

const send = process.send?.bind(process);
const early: unknown[] = [];
let open = false;

class ParentPort extends EventEmitter {
  postMessage(message: unknown): void {
    send?.(structuredClone(message), undefined, undefined, () => undefined);
  }
}
const parentPort = new ParentPort();
process.on('message', (data) => {
  if (open) parentPort.emit('message', { data, ports: [] });
  else early.push(data);
});
// Messages wait for the first listener.
parentPort.on('newListener', (event) => {
  if (event !== 'message' || open) return;
  setImmediate(() => {
    open = true;
    for (const data of early.splice(0)) parentPort.emit('message', { data, ports: [] });
  });
});

// Node's own channel is not there in a utility process.
Object.defineProperties(process, {
  parentPort: { value: parentPort },
  send: { value: undefined },
  argv: { value: [process.argv[0], ...process.argv.slice(2)] },
});
await import(pathToFileURL(process.argv[1] ?? '').href);
