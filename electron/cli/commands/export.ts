import { EXPORT_FORMATS } from '../../../engine/exports/formats.ts';
import { describeBytes } from '../../../engine/core/core.ts';
import { makeExport } from '../../exports/make.ts';
import { jobOfPath } from '../../exports/of-path.ts';
import { requireFreeTarget, writeExport } from '../../exports/write.ts';
import { programVersion } from '../../hosts/program.ts';
import { bestFlag, defineCommand, jsonFlag } from '../command.ts';
import { UsageError } from '../flags.ts';
import { datasetsFolder } from '../workspace.ts';

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Write a trained model for other programs, as a page, or as a bundle for another lab',
  usage: ['DIR --format FORMAT --out PATH [FLAGS]', 'CHECKPOINT.safetensors --format FORMAT --out PATH [FLAGS]'],
  description: [
    'onnx: one file for onnxruntime and others, or a translator’s encoder and decoder. safetensors: a folder with the weights by PyTorch’s names, a Python ' +
      'file that loads and checks them, and a README. tfjs: a folder with a LayersModel for TensorFlow.js. html: one ' +
      'page that runs the model offline. bundle: the run with its history and checkpoints, for "import".',
    'Formats of several files are written as a folder, or as a zip where PATH ends in .zip. Each holds the model’s card.',
  ],
  flags: {
    format: { type: 'choice', choices: EXPORT_FORMATS, description: 'What to write' },
    out: { type: 'text', value: 'PATH', description: 'Where to' },
    checkpoint: {
      type: 'integer',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Update of the checkpoint; the latest where it is not given',
    },
    best: bestFlag,
    name: { type: 'text', value: 'TEXT', description: 'What the model’s card calls it' },
    overwrite: { type: 'switch', description: 'Replace a file that is there' },
    json: jsonFlag,
  },
  examples: [
    { line: 'export runs/names --format onnx --out names.onnx', what: 'For onnxruntime.' },
    { line: 'export runs/whale --best --format html --out whale.html', what: 'A page that goes on with a text.' },
    { line: 'export runs/whale --format bundle --out whale.unrolled', what: 'For somebody else’s lab.' },
  ],
  arguments: [1, 1],
  async run(
    { format, out, checkpoint, best = false, name, overwrite = false, json, workspace },
    [path = ''],
    terminal,
  ) {
    if (format === undefined || out === undefined) {
      throw new UsageError(
        format === undefined ? `--format is missing: ${EXPORT_FORMATS.join(', ')}` : '--out is missing: where to write',
      );
    }
    const found = jobOfPath({
      path,
      format,
      update: checkpoint,
      best,
      name,
      out,
      version: programVersion(),
      now: new Date(),
    });
    const job = { ...found, datasets: found.datasets ?? datasetsFolder(workspace, path) };
    requireFreeTarget(out, overwrite, job.severalFiles);
    const tell = (fraction: number) => terminal.status(`${Math.round(fraction * 100)} %`);
    const { files, snippets, model } = await makeExport(job, (fraction) => tell(fraction / 2));
    const bytes = await writeExport(files, out, job.severalFiles, {
      overwrite,
      tell: (fraction) => tell(0.5 + fraction / 2),
    });
    terminal.clear();
    if (json) {
      const { update } = model;
      terminal.line(JSON.stringify({ format, out, bytes, update, files: files.map((file) => file.name) }));
      return 0;
    }
    terminal.line(`${out}: ${describeBytes(bytes)}, weights of update ${model.update}`);
    for (const { title, code } of snippets) {
      terminal.line();
      terminal.line(`${title}:`);
      for (const line of code.trimEnd().split('\n')) terminal.line(`    ${line}`);
    }
    return 0;
  },
});
