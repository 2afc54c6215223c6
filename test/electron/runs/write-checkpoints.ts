/** Writes checkpoints of a run, one after another, until it is killed: `node write-checkpoints.ts FOLDER FIRST`. */
import { RunFolder } from '../../../electron/runs/run-folder.ts';
import { smallCheckpoint } from '../../engine/formats/checkpoints.ts';

const [path = '', first = '0'] = process.argv.slice(2);
const { folder } = RunFolder.resume(path);
for (let update = Number(first); ; update++) {
  folder.writeCheckpoint(smallCheckpoint(update, 20_000));
  folder.appendHistory([
    {
      update,
      epoch: 0,
      loss: 1,
      gradientNorm: 1,
      learningRate: 0.1,
      tokensPerSecond: 1,
      seconds: 1,
      metrics: { accuracy: 0.5 },
    },
  ]);
  process.stdout.write(`${update}\n`);
}
