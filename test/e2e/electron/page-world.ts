/**
 * What a sandboxed page of Electron's has before its own scripts run: the preload script, which is given nothing but
 * `contextBridge` and `ipcRenderer`. `enterPage` runs in the page, so that it names nothing of this module.
 */

/** What the desktop gives a page, to be taken away before the page's own scripts run. */
interface Bindings {
  __electronInvoke?: (channel: string, args: readonly unknown[]) => Promise<unknown>;
  __electronSend?: (channel: string, args: readonly unknown[]) => Promise<unknown>;
}
type AnyFunction = (...args: readonly unknown[]) => unknown;
type Preload = (require: (name: string) => unknown, module: object, exports: object) => void;

/** `preload`: the script as the body of a function. */
export function enterPage(preload: Preload): void {
  // Preload scripts run in the main frame alone.
  if (window !== window.top) return;
  const page = window as unknown as Bindings & Record<string, unknown>;
  const { __electronInvoke: invoke, __electronSend: post } = page;
  delete page.__electronInvoke;
  delete page.__electronSend;
  const listeners = new Map<string, Set<AnyFunction>>();
  Object.defineProperty(page, '__electronHear', {
    value: (channel: string, args: readonly unknown[]) => {
      for (const listener of listeners.get(channel) ?? []) listener({}, ...args);
    },
  });

  /** Functions become proxies, everything else is a copy; what cannot be copied throws. */
  function crossing(value: unknown): unknown {
    if (typeof value !== 'function') return structuredClone(value);
    return (...args: readonly unknown[]): unknown => {
      const result = (value as AnyFunction)(...args.map(crossing));
      return result instanceof Promise ? result.then(crossing) : crossing(result);
    };
  }

  const electron = {
    contextBridge: {
      exposeInMainWorld(name: string, api: Readonly<Record<string, unknown>>): void {
        if (name in page) throw new Error('Cannot bind an API on top of an existing property on the window object');
        const members = Object.entries(api).map(([key, value]) => [key, crossing(value)] as const);
        Object.defineProperty(page, name, { value: Object.freeze(Object.fromEntries(members)) });
      },
    },
    ipcRenderer: {
      on(channel: string, listener: AnyFunction): void {
        listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
      },
      invoke: (channel: string, ...args: readonly unknown[]) => invoke?.(channel, structuredClone(args)),
      send: (channel: string, ...args: readonly unknown[]): void => void post?.(channel, structuredClone(args)),
    },
  };
  const require = (name: string): unknown => {
    if (name === 'electron') return electron;
    throw new Error(`module not found: ${name}`);
  };
  const module = { exports: {} };
  preload(require, module, module.exports);
}
