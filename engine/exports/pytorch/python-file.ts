/** The Python file: defines the model, loads the weights strictly, and checks itself. */
import { describeArchitecture, PRODUCER, type Card } from '../card.ts';
import { recurrentOnly, type AnyTrainedModel } from '../trained-model.ts';
import { encoderDecoderModel } from './encoder-decoder.ts';
import { block, joinedDefinitions, type Lines, type PythonModel } from './python-model.ts';
import { recurrentModel } from './recurrent.ts';
import { transformerTranslator } from './transformer-translator.ts';
import { transformerModel } from './transformer.ts';
import { writingOf } from './translator.ts';

/** Everything that depends on the model is written out as constants. */
export function pythonFile(model: AnyTrainedModel, card: Card): string {
  const { definitions, check } = pythonModel(model);
  const translates = model.codec.kind === 'translation';
  return joinedDefinitions([
    [...headOf(model, card), '', 'HERE = Path(__file__).parent'],
    ...definitions,
    READ_SAFETENSORS,
    LOAD,
    [...MAIN_START, ...check, ...(translates ? MAIN_END_OF_TRANSLATORS : MAIN_END)],
    ['if __name__ == "__main__":', '    sys.exit(main())'],
  ]);
}

function pythonModel(model: AnyTrainedModel): PythonModel {
  const { spec, experiment } = model;
  switch (spec.architecture) {
    case 'recurrent':
      return recurrentModel(recurrentOnly(model));
    case 'encoder-decoder':
      return encoderDecoderModel(spec, writingOf(model));
    case 'transformer':
      return spec.form === 'encoder-decoder'
        ? transformerTranslator(spec, writingOf(model))
        : transformerModel(spec, experiment.training.steps);
  }
}

function headOf(model: AnyTrainedModel, card: Card): Lines {
  return [
    '"""',
    `${plainText(card.title)}: ${describeArchitecture(model)}.`,
    '',
    `Made with ${PRODUCER} ${plainText(card.version)}. Run this file to load model.safetensors and check it against example.json;`,
    'import it for the class Model. It needs Python 3.8 and torch 1.13 or later, nothing else.',
    '"""',
    ...IMPORTS,
  ];
}

const IMPORTS = block(`
import json
import struct
import sys
from pathlib import Path

import torch
from torch import nn
`);

const READ_SAFETENSORS = block(`
def read_safetensors(path):
    """The tensors and the metadata of a file: https://github.com/huggingface/safetensors#format."""
    data = bytearray(Path(path).read_bytes())
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        assert entry["dtype"] == "F32", (name, entry["dtype"])
        flat = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=8 + length + begin)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors, metadata
`);

const LOAD = block(`
def load(path=HERE / "model.safetensors"):
    tensors, metadata = read_safetensors(path)
    model = Model()
    model.load_state_dict(tensors, strict=True)
    metadata["task"] = json.loads(metadata["task"])
    return model.eval(), metadata
`);

const MAIN_START = block(`
def main():
    model, _ = load()
    example = json.loads((HERE / "example.json").read_text())
    with torch.no_grad():
`);

const COMPARE = `
    error = ((y.flatten() - want).abs().max() / want.abs().max()).item()
    print(f"{error:.1e} is the largest difference to the stored prediction, relative to its largest number")`;

const MAIN_END = endOfMain(`${COMPARE}
    return 0 if error < 1e-5 else 1
`);

const MAIN_END_OF_TRANSLATORS = endOfMain(`${COMPARE}
    print("it writes what is stored" if same else "it writes something else than what is stored")
    return 0 if same and error < 1e-5 else 1
`);

function endOfMain(text: string): Lines {
  return text.trimEnd().split('\n').slice(1);
}

/** Without what would end a Python docstring. */
function plainText(text: string): string {
  return text.replace(/["\\\r\n]+/gu, ' ').trim();
}
