/** A worker thread's entry: its share of a constant network. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveThread, type ThreadMessage } from '../../../engine/team/team.ts';
import { buildConstant, type ConstantSpec } from './constant-network.ts';

const message = workerData as ThreadMessage<ConstantSpec>;
const { failing } = message.spec;
if (failing?.thread === message.thread && failing.at === 'build') throw new Error(`Thread ${message.thread} fails.`);
serveThread(message, buildConstant, {
  ready: () => parentPort?.postMessage('ready'),
  // The test looks at what the others are told.
  failed: () => undefined,
});
