#!/usr/bin/env node
/** `unrolled`, as a process. */
import { runCommandLine } from './command-line.ts';
import { terminalOn } from './terminal.ts';

// A reader that has seen enough closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
  process.exit(0);
});

process.exitCode = await runCommandLine(process.argv.slice(2), terminalOn(process.stdout), (line) => {
  console.error(line);
});
