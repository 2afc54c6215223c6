/** The kernels, by file. Contract: engine/core/kernels.ts. */
export { f32_gemm_nn, f32_gemm_tn } from './gemm';
export { f32_sum_rows, f32_transpose } from './transpose';
export { f32_peak, team_barrier } from './team';
export { f32_gru_backward, f32_gru_forward } from './gru';
export { f32_lstm_backward, f32_lstm_forward } from './lstm';
export { f32_rnn_backward, f32_rnn_forward } from './rnn';
export {
  f32_add,
  f32_add_rows,
  f32_copy_rows,
  f32_fill,
  f32_multiply,
  f32_pack,
  f32_scale,
  f32_unpack,
  f32_zero_columns,
  f32_zero_padding,
} from './elementwise';
export {
  f32_exp,
  f32_gelu,
  f32_gelu_backward,
  f32_relu,
  f32_relu_backward,
  f32_sigmoid,
  f32_sigmoid_backward,
  f32_tanh,
  f32_tanh_backward,
} from './activations';
export { f32_gather_rows, f32_scatter_add_rows } from './embedding';
export { f32_max_steps, f32_max_steps_backward, f32_mean_steps, f32_mean_steps_backward } from './pooling';
export {
  f32_cross_entropy,
  f32_cross_entropy_backward,
  f32_log_softmax,
  f32_softmax,
  f32_squared_error,
  f32_squared_error_backward,
} from './loss';
export {
  f32_add_steps,
  f32_additive_scores,
  f32_additive_scores_backward,
  f32_masked_softmax,
  f32_move_rows,
  f32_softmax_backward,
  f32_sum_steps,
} from './attention';
export { f32_layer_norm, f32_layer_norm_backward } from './norm';
export { f32_dropout } from './dropout';
export { f32_normal, f32_orthogonal, f32_uniform } from './initialisers';
export { f32_adam, f32_reduce_gradients, f32_rmsprop, f32_sgd } from './optimizers';
