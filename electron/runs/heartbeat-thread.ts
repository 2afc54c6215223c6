/** A worker thread's entry: writes one byte to the process's standard output at every beat. */
import { writeSync } from 'node:fs';
import { HEARTBEAT_MS } from './heartbeat.ts';

const STANDARD_OUTPUT = 1;

function beat(): void {
  try {
    writeSync(STANDARD_OUTPUT, '.');
  } catch {
    // Nobody reads it any more: the host has ended, and this process will.
    clearInterval(timer);
  }
}

const timer = setInterval(beat, HEARTBEAT_MS);
beat();
