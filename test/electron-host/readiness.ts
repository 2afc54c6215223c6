/**
 * Electron's `ready`: it comes only after the entry module has been evaluated to its end, so that a top-level await of
 * it never ends (electron#40719). What needs it throws before, as Electron does.
 */
const becoming = Promise.withResolvers<undefined>();
let ready = false;

export function isReady(): boolean {
  return ready;
}

export function whenReady(): Promise<undefined> {
  return becoming.promise;
}

export function becomeReady(): void {
  ready = true;
  becoming.resolve(undefined);
}

export function requireReady(message: string): void {
  if (!ready) throw new Error(message);
}

export function requireNotReady(message: string): void {
  if (ready) throw new Error(message);
}
