import { FormatError } from '../errors.ts';
import { show } from '../experiment/fields.ts';
import type { JsonValue } from '../json.ts';
import { alignedCodec } from './aligned.ts';
import { NORMALIZATIONS } from './data.ts';
import { normalizingCodec } from './normalization.ts';
import { classificationCodec } from './classification.ts';
import { forecastingCodec } from './forecast-codec.ts';
import { generationCodec } from './generation.ts';
import { languageCodec } from './language.ts';
import { regressionCodec } from './regression.ts';
import { taggingCodec } from './tagging.ts';
import { translationCodec } from './translation-codec.ts';
import type { TaskCodec } from './task.ts';

const codecs: Readonly<Record<string, (state: JsonValue) => TaskCodec>> = {
  language: languageCodec,
  classification: classificationCodec,
  tagging: taggingCodec,
  regression: regressionCodec,
  forecasting: forecastingCodec,
  generation: generationCodec,
  translation: translationCodec,
  aligned: alignedCodec,
};

/** The codec of a task from its state alone. Throws FormatError where a state, which comes from a file, is not right. */
export function restoreCodec(state: JsonValue): TaskCodec {
  const family = typeof state === 'object' && state !== null && 'family' in state ? state['family'] : undefined;
  const codec = typeof family === 'string' && Object.hasOwn(codecs, family) ? codecs[family] : undefined;
  if (codec === undefined) {
    throw new FormatError(
      `the task state's family is ${show(family)}; it must be one of ${Object.keys(codecs).join(', ')}`,
    );
  }
  const { normalization, ...others } = state as Readonly<Record<string, JsonValue>>;
  if (normalization === undefined) return codec(others);
  const form = NORMALIZATIONS.find((known) => known === normalization);
  if (form === undefined) {
    throw new FormatError(`the task state's normalization is ${show(normalization)}; it must be NFC`);
  }
  return normalizingCodec(codec(others), form);
}
