/** Which glossary entry explains a text on the screen. */

/** By the name of a quantity in the inspector. */
const BY_QUANTITY: Readonly<Record<string, string>> = {
  forget: 'forget-gate',
  input: 'input-gate',
  candidate: 'candidate',
  output: 'output-gate',
  reset: 'reset-gate',
  update: 'update-gate',
  preactivation: 'weighted-sum',
  sum: 'weighted-sum',
  cell: 'cell-state',
  hidden: 'hidden-state',
  attentionWeight: 'attention-weight',
  attentionMasked: 'mask',
  attentionScore: 'attention-score',
  attentionScaled: 'attention-score',
  attentionQuery: 'query',
  attentionKey: 'key',
  attentionValue: 'value',
  attentionContext: 'context-vector',
  layerResidual: 'residual-connection',
  layerNormalised: 'layer-normalization',
  layerInner: 'feed-forward-network',
  layerHidden: 'feed-forward-network',
  contextMixed: 'context-vector',
  contextFirst: 'context-vector',
  contextSecond: 'context-vector',
};

/** By the name of a field in the form for a new run. */
const BY_FIELD: Readonly<Record<string, string>> = {
  task: 'task',
  length: 'epoch',
  seed: 'seed',
  'model.attention': 'attention',
  'model.attentionSize': 'attention-score',
  'model.heads': 'attention-head',
  'model.feedForwardSize': 'feed-forward-network',
  'model.norm': 'layer-normalization',
  'model.positions': 'position-encoding',
  'model.maxPositions': 'position-encoding',
  'model.cell': 'cell',
  'model.hiddenSize': 'hidden-size',
  'model.dropout': 'dropout',
  'model.embeddingSize': 'embedding',
  'model.bidirectional': 'bidirectional',
  'model.pooling': 'pooling',
  'model.init.forgetBias': 'forget-bias',
  'model.init.recurrentScale': 'spectral-radius',
  'training.teacherForcing': 'teacher-forcing',
  'training.batchSize': 'batch',
  'training.steps': 'truncated-bptt',
  'training.stateful': 'truncated-bptt',
  'training.clipNorm': 'gradient-clipping',
  'training.optimizer.kind': 'optimizer',
  'training.optimizer.learningRate': 'learning-rate',
  'training.earlyStopping.patience': 'early-stopping',
  'training.evaluateEvery': 'validation-data',
  'training.checkpointEvery': 'checkpoint',
};

/** The id of the entry that explains a quantity; undefined: none does. */
export function termOfQuantity(name: string): string | undefined {
  return Object.hasOwn(BY_QUANTITY, name) ? BY_QUANTITY[name] : undefined;
}

/** The id of the entry that explains a field of the form; undefined: none does. */
export function termOfField(name: string): string | undefined {
  return Object.hasOwn(BY_FIELD, name) ? BY_FIELD[name] : undefined;
}

/** Every id that a text on the screen links to. */
export const LINKED_TERMS: readonly string[] = [
  ...new Set([...Object.values(BY_QUANTITY), ...Object.values(BY_FIELD)]),
];
