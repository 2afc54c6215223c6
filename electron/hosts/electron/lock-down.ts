/** What no page may do, whatever it holds: leave the program, open windows, ask for devices, or reach the network. */
import type { App, Session, WebContents } from 'electron';
import { isOurs } from './scheme.ts';

/** Everything that a page is made of comes from the program, or is made by the page itself. */
const LOCAL_PROTOCOLS = ['app:', 'blob:', 'data:', 'devtools:'];
/** Copying text that was selected. */
const GRANTED = ['clipboard-sanitized-write'];

/** Chromium asks servers of its own nothing. To be called before Electron is ready. */
export function silenceChromium({ commandLine }: Pick<App, 'commandLine'>): void {
  commandLine.appendSwitch('disable-background-networking');
  commandLine.appendSwitch('disable-component-update');
  commandLine.appendSwitch('disable-domain-reliability');
  commandLine.appendSwitch('no-pings');
  commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
}

/** Every page from now on, of whatever window. */
export function lockPages(app: Pick<App, 'on'>): void {
  app.on('web-contents-created', (_event, contents) => lockPage(contents));
}

function lockPage(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    if (!isOurs(event.url)) {
      event.preventDefault();
    }
  });
  contents.on('will-redirect', (event) => {
    if (!isOurs(event.url)) {
      event.preventDefault();
    }
  });
}

/** The session that the windows share. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, decide) => {
    decide(GRANTED.includes(permission) && isOurs(contents.getURL()));
  });
  session.setPermissionCheckHandler((_contents, permission) => GRANTED.includes(permission));
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, decide) => {
    decide({ cancel: !LOCAL_PROTOCOLS.includes(URL.parse(url)?.protocol ?? '') });
  });
}
