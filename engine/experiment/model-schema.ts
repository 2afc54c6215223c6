/** The section "model" of an experiment: one schema for each architecture, and what of it only holds together. */
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import type { ModelSettings } from './experiment.ts';
import { numberBelow, numberFrom, oneKindOf, oneOf, section, show, truth, wholeNumber } from './fields.ts';

export const ARCHITECTURES = ['recurrent', 'encoder-decoder', 'transformer'] as const;
export const CELLS = ['rnn', 'lstm', 'gru'] as const;
export const ATTENTIONS = ['none', 'additive', 'dot', 'scaled-dot', 'general'] as const;

const MOST_UNITS = 8192;
const size = wholeNumber(1, MOST_UNITS);
const layers = v.optional(wholeNumber(1, 32), 1);
const dropout = v.optional(numberBelow(0, 1), 0);
const embeddingSize = v.optional(wholeNumber(0, MOST_UNITS), 0);
const bidirectional = v.optional(truth(), false);
const pooling = oneOf('last', 'mean', 'max');

const init = {
  recurrent: v.optional(oneOf('uniform', 'xavier', 'orthogonal', 'normal', 'identity'), 'uniform'),
  input: v.optional(oneOf('uniform', 'xavier', 'normal'), 'uniform'),
  recurrentScale: v.optional(numberFrom(0, 100), 1),
};
const noForgetGate = 'belongs to the cell "lstm": the other cells have no forget gate';
const plainInit = v.optional(section(init, { forgetBias: noForgetGate, chronoSteps: noForgetGate }), {});
const lstmInit = v.optional(
  section({
    ...init,
    forgetBias: v.optional(numberFrom(-100, 100), 1),
    chronoSteps: v.exactOptional(wholeNumber(3, 1_000_000)),
  }),
  {},
);
const nonlinearity = v.optional(oneOf('tanh', 'relu'), 'tanh');
const noNonlinearity = {
  nonlinearity: 'belongs to the cell "rnn": the gates and the state of the other cells have fixed functions',
};

const ofAttention = 'belongs to the architecture "encoder-decoder"';
const ofTransformer = 'belongs to the architecture "transformer"';
const ofRecurrence = 'belongs to the architectures "recurrent" and "encoder-decoder": a transformer has no such thing';
const transformerFields = {
  modelSize: `${ofTransformer}; the size here is "hiddenSize"`,
  heads: ofTransformer,
  feedForwardSize: ofTransformer,
  norm: ofTransformer,
  activation: ofTransformer,
  positions: ofTransformer,
  maxPositions: ofTransformer,
};

const recurrent = {
  architecture: v.optional(v.literal('recurrent'), 'recurrent'),
  hiddenSize: size,
  layers,
  bidirectional,
  embeddingSize,
  dropout,
  pooling: v.optional(pooling, 'last'),
};
const notOfRecurrent = { ...transformerFields, attention: ofAttention, attentionSize: ofAttention };

const recurrentModel = v.variant(
  'cell',
  [
    section({ cell: v.literal('rnn'), ...recurrent, nonlinearity, init: plainInit }, notOfRecurrent),
    section({ cell: v.literal('lstm'), ...recurrent, init: lstmInit }, { ...notOfRecurrent, ...noNonlinearity }),
    section({ cell: v.literal('gru'), ...recurrent, init: plainInit }, { ...notOfRecurrent, ...noNonlinearity }),
  ],
  oneKindOf(CELLS),
);

const encoderDecoder = {
  architecture: v.literal('encoder-decoder'),
  hiddenSize: size,
  layers,
  bidirectional,
  embeddingSize,
  attention: v.optional(oneOf(...ATTENTIONS), 'none'),
  attentionSize: v.exactOptional(wholeNumber(0, MOST_UNITS)),
  dropout,
};
const notOfEncoderDecoder = {
  ...transformerFields,
  pooling:
    'belongs to the architectures "recurrent" and "transformer": the decoder begins from the encoder’s last state',
};

const encoderDecoderModel = v.variant(
  'cell',
  [
    section({ cell: v.literal('rnn'), ...encoderDecoder, nonlinearity, init: plainInit }, notOfEncoderDecoder),
    section(
      { cell: v.literal('lstm'), ...encoderDecoder, init: lstmInit },
      { ...notOfEncoderDecoder, ...noNonlinearity },
    ),
    section(
      { cell: v.literal('gru'), ...encoderDecoder, init: plainInit },
      { ...notOfEncoderDecoder, ...noNonlinearity },
    ),
  ],
  oneKindOf(CELLS),
);

const transformerModel = section(
  {
    architecture: v.literal('transformer'),
    modelSize: size,
    heads: v.optional(wholeNumber(1, 256), 4),
    layers: v.optional(wholeNumber(1, 32), 2),
    feedForwardSize: v.exactOptional(wholeNumber(1, 4 * MOST_UNITS)),
    norm: v.optional(oneOf('pre', 'post'), 'pre'),
    activation: v.optional(oneOf('relu', 'gelu'), 'gelu'),
    positions: v.optional(oneOf('sinusoidal', 'learned'), 'sinusoidal'),
    maxPositions: v.exactOptional(wholeNumber(0, 65_536)),
    dropout,
    pooling: v.optional(pooling, 'mean'),
  },
  {
    hiddenSize: `${ofRecurrence}; the size here is "modelSize"`,
    cell: ofRecurrence,
    nonlinearity: ofRecurrence,
    init: ofRecurrence,
    bidirectional: ofRecurrence,
    embeddingSize: `${ofRecurrence}; its symbols are embedded in "modelSize" numbers`,
    attention: `${ofAttention}; a transformer's is always scaled-dot`,
    attentionSize: ofAttention,
  },
);

const byArchitecture = {
  recurrent: recurrentModel,
  'encoder-decoder': encoderDecoderModel,
  transformer: transformerModel,
} as const;

const noArchitecture = v.looseObject({ architecture: oneOf(...ARCHITECTURES) }) as unknown as typeof transformerModel;

/** "recurrent" where none is named. */
export const model = v.lazy((input) => {
  const named =
    typeof input === 'object' && input !== null && 'architecture' in input ? input.architecture : 'recurrent';
  const known = ARCHITECTURES.find((architecture) => architecture === named);
  return known === undefined ? noArchitecture : byArchitecture[known];
});

const DEFAULT_POSITIONS = 256;

/** With sizes that follow from others filled in. Throws InputError where settings do not fit each other. */
export function completeModel(given: v.InferOutput<typeof model>, source: string): ModelSettings {
  const refuse = (field: string, value: unknown, reason: string): never => {
    throw new InputError(`${source}: model.${field} is ${show(value)}, but ${reason}`);
  };
  switch (given.architecture) {
    case 'recurrent':
      return given;
    case 'encoder-decoder': {
      const { attention, hiddenSize, bidirectional } = given;
      const own = attention === 'additive' ? hiddenSize : 0;
      const { attentionSize = own } = given;
      if (attention === 'additive' && attentionSize === 0) {
        refuse(
          'attentionSize',
          0,
          `additive attention compares in vectors of this size; it must be 1 to ${MOST_UNITS}`,
        );
      }
      if (attention !== 'additive' && attentionSize !== 0) {
        refuse('attentionSize', attentionSize, `it belongs to additive attention, and attention is "${attention}"`);
      }
      if (bidirectional && (attention === 'dot' || attention === 'scaled-dot')) {
        refuse(
          'attention',
          attention,
          `a bidirectional encoder's states are twice as long as the decoder's (${2 * hiddenSize} and ${hiddenSize}) and ` +
            `have no dot product with them; it must be "none", "additive" or "general", or bidirectional false`,
        );
      }
      return { ...given, attentionSize };
    }
    case 'transformer': {
      const { modelSize, heads, positions } = given;
      const { feedForwardSize = 4 * modelSize, maxPositions = positions === 'learned' ? DEFAULT_POSITIONS : 0 } = given;
      if (modelSize % heads !== 0) {
        refuse(
          'heads',
          heads,
          `each head takes an equal part of modelSize, which is ${modelSize}; it must divide that`,
        );
      }
      if (positions === 'sinusoidal' && modelSize % 2 !== 0) {
        refuse('modelSize', modelSize, 'sinusoidal positions are pairs of sine and cosine; it must be even');
      }
      if (positions === 'sinusoidal' && maxPositions !== 0) {
        refuse('maxPositions', maxPositions, 'it belongs to learned positions, and positions is "sinusoidal"');
      }
      if (positions === 'learned' && maxPositions === 0) {
        refuse('maxPositions', 0, 'learned positions need a number of them; it must be 1 to 65536');
      }
      return { ...given, feedForwardSize, maxPositions };
    }
  }
}
