/** The main process's end of the channel to the desktop. */
import { EventEmitter } from 'node:events';
import type { DesktopMessage, HostMessage } from './messages.ts';

type Kind = DesktopMessage['kind'];
type Of<K extends Kind> = Extract<DesktopMessage, { kind: K }>;

if (process.send === undefined) throw new Error('The stand-in for Electron runs under a desktop that a test plays.');
// Bound now: the program may do with `process` what it likes.
const send = process.send.bind(process);
const heard = new EventEmitter();
process.on('message', (message: DesktopMessage) => heard.emit(message.kind, message));

export function tell(message: HostMessage): void {
  // The desktop may be gone, as when a test has failed; then nobody is to be told.
  if (process.connected) send(message, () => undefined);
}

export function onDesktop<K extends Kind>(kind: K, listener: (message: Of<K>) => void): void {
  heard.on(kind, listener);
}

const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
let requests = 0;

/** Tells the desktop, and resolves to what it answers. */
export function ask(message: (request: number) => HostMessage): Promise<unknown> {
  const request = ++requests;
  return new Promise((resolve, reject) => {
    waiting.set(request, { resolve, reject });
    tell(message(request));
  });
}

onDesktop('answer', ({ request, value }) => settle(request, value));
onDesktop('evaluated', ({ request, value, error }) => settle(request, value, error));

function settle(request: number, value: unknown, error?: string): void {
  const { resolve, reject } = waiting.get(request) ?? {};
  waiting.delete(request);
  if (error === undefined) resolve?.(value);
  else reject?.(new Error(error));
}
