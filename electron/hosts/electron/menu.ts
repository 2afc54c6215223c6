/** The menu: mostly Electron's own roles, which bring their words and keys with them. */
import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  readonly showLog: () => void;
  /** Absent where the licenses of the program's parts are not built. */
  readonly showLicenses: (() => void) | undefined;
}

export interface MenuSettings {
  readonly platform: NodeJS.Platform;
  /** With the tools to inspect the page. */
  readonly inspectable: boolean;
  readonly actions: MenuActions;
}

export function menuTemplate({ platform, inspectable, actions }: MenuSettings): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const view: MenuItemConstructorOptions[] = [
    ...(inspectable ? ([{ role: 'reload' }, { role: 'toggleDevTools' }, { type: 'separator' }] as const) : []),
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ];
  const help: MenuItemConstructorOptions[] = [
    { label: 'Show Log File', click: actions.showLog },
    ...(actions.showLicenses ? [{ label: 'Licenses', click: actions.showLicenses }] : []),
    // On macOS it is in the app's own menu.
    ...(isMac ? [] : ([{ type: 'separator' }, { role: 'about' }] as const)),
  ];
  return [
    ...(isMac ? ([{ role: 'appMenu' }] as const) : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    { role: 'viewMenu', submenu: view },
    { role: 'windowMenu' },
    { role: 'help', submenu: help },
  ];
}
