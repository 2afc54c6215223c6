/** A worker thread's entry: its share of a model's work. */
import { parentPort, workerData } from 'node:worker_threads';
import { buildModel } from '../../engine/models/build.ts';
import type { ModelSpec } from '../../engine/models/spec.ts';
import { serveThread, type ThreadMessage } from '../../engine/team/team.ts';

serveThread(workerData as ThreadMessage<ModelSpec>, buildModel, {
  ready: () => {
    parentPort?.postMessage('ready');
  },
  failed: (error) => {
    console.error(error);
  },
});
