/** What is exported for PyTorch: the bits in the file, and PyTorch itself where there is a Python that has it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleOf } from '../../../engine/exports/example.ts';
import { pytorchExport } from '../../../engine/exports/pytorch.ts';
import { readSafetensors } from '../../../engine/formats/safetensors.ts';
import { pythonWith } from '../../python.ts';
import { cardOf, KINDS, predictorOf, randomModel, type Family, type ModelChoice } from './models.ts';

const python = pythonWith('torch');
if (python === undefined) {
  console.warn('No Python here has torch: the generated Python files are written, but not run');
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unrolled-pytorch-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function filesOf(family: Family, choice: ModelChoice) {
  const model = randomModel(family, choice);
  const { encoded } = exampleOf(model);
  const predictor = await predictorOf(model, encoded.steps);
  return { model, files: pytorchExport(model, cardOf(model), predictor.run(encoded)) };
}

describe('the safetensors file', () => {
  test.each(KINDS)('of a %s holds every tensor, bit for bit', async (_name, family, choice) => {
    const { model, files } = await filesOf(family, choice);
    const { tensors, metadata } = readSafetensors(files[0]!.bytes, 'the file');
    expect(new Map([...tensors].sort())).toEqual(new Map([...model.weights].sort()));
    expect(metadata['format']).toBe('pt');
    expect(JSON.parse(metadata['taskState']!)).toEqual(model.taskState);
    expect(metadata['card']).toContain('Public domain');
  });
});

/** Runs the main of every folder's model.py in one process: a line "status printed" for each. */
const DRIVER = `
import contextlib, importlib.util, io, json, sys
for folder in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("model", folder + "/model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = module.main()
    print(json.dumps([status, printed.getvalue()]))
`;

describe.runIf(python)('PyTorch', () => {
  test('loads every kind of model strictly and gives the stored prediction, and no other', async () => {
    const folders: string[] = [];
    for (const [i, [, family, choice]] of [...KINDS, KINDS[0]!].entries()) {
      const { files } = await filesOf(family, choice);
      const own = join(folder, String(i));
      mkdirSync(own);
      for (const file of files) writeFileSync(join(own, file.name), file.bytes);
      folders.push(own);
    }
    // The last one's stored prediction is of another model.
    const stored = join(folders.at(-1)!, 'example.json');
    const example = JSON.parse(readFileSync(stored, 'utf8')) as { outputs: number[] };
    example.outputs[0]! += 0.1;
    writeFileSync(stored, JSON.stringify(example));

    const { status: ended, stdout, stderr } = spawnSync(python!, ['-c', DRIVER, ...folders], { encoding: 'utf8' });
    expect(ended, stderr).toBe(0);
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [number, string]);
    for (const [i, [name]] of KINDS.entries()) {
      const [status, printed] = results[i]!;
      expect([name, status]).toEqual([name, 0]);
      expect(printed).toMatch(/^[0-9.]+e-[0-9]+ is the largest/u);
    }
    expect(results.at(-1)![0]).toBe(1);
  });
});
