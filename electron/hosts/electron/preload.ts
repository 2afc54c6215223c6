/** Runs in the page's process before the page, in a sandbox: bundled into one file. */
import { contextBridge, ipcRenderer } from 'electron';
import { exposeBridge } from '../../transport/ipc-preload.ts';

exposeBridge({ contextBridge, ipcRenderer });
