import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/source-serif-4/wght-italic.css';
import './theme/tokens.css';
import './theme/base.css';
import './theme/controls.css';
import { mount } from 'svelte';
import { connect } from '../electron/api/client-connect.ts';
import App from './App.svelte';
import { Lab } from './state/lab.svelte.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no place for the app.');

/** A message that is sent in a frame arrives after its painting. */
function painted(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

const lab = new Lab(connect(), {
  addressBar: window,
  dark: matchMedia('(prefers-color-scheme: dark)'),
  requestFrame: (callback) => void requestAnimationFrame(callback),
  painted,
  startWorker: () => new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' }),
});
mount(App, { target, props: { lab } });
void lab.load();
