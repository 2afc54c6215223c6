/**
 * What the built core exports, one line a kernel: `type_operation_variant`.
 *
 * Matrices lie in panels of eight columns: element (r, c) of a matrix at `a` with panel stride `aStride` (bytes) is
 * the float32 at
 *
 *     a + (c >> 3) * aStride + r * 32 + (c & 7) * 4
 *
 *     panel 0              panel 1
 *     r0: c0 c1 ... c7     r0: c8 c9 ... c15
 *     r1: c0 c1 ... c7     r1: c8 c9 ... c15      each row of a panel is 32 bytes
 *
 * Columns that a matrix does not have (H = 17 takes three panels) hold zeros, and every kernel keeps them zero, but for
 * the gates of missing units (sigmoid(0) is one half), whose states and gradients are zero all the same.
 * Sequences are matrices with row t * B + b. All addresses are multiples of 16; panel strides are multiples of 32.
 * `panels` counts panels, `cols` true columns, `n` floats (a multiple of 4). Ids, targets and lengths are int32.
 *
 * Kernels know pointers, sizes and strides. They allocate nothing and check nothing: the engine plans and checks.
 */
export interface Kernels {
  // Products (assembly/gemm.ts, transpose.ts)
  /**
   * C[rows, 8 panels] = init + A[rows, inner] B[inner, 8 panels], inner a multiple of 8. The accumulators start at
   * `init + panel * initPanelStride + row * initRowStride`: (zeros, 0, 0), (bias, 32, 0), or (D, dStride, 32), where
   * D may be C itself.
   */
  f32_gemm_nn(
    rows: number,
    panels: number,
    inner: number,
    a: number,
    aStride: number,
    b: number,
    bStride: number,
    init: number,
    initPanelStride: number,
    initRowStride: number,
    c: number,
    cStride: number,
  ): void;
  /** C[8 aPanels, 8 bPanels] += A^T B for A [rows, 8 aPanels], B [rows, 8 bPanels]. */
  f32_gemm_tn(
    aPanels: number,
    bPanels: number,
    rows: number,
    a: number,
    aStride: number,
    b: number,
    bStride: number,
    c: number,
    cStride: number,
  ): void;
  /** dst[c, r] = src[r, c]; rows and cols multiples of 8. */
  f32_transpose(rows: number, cols: number, src: number, srcStride: number, dst: number, dstStride: number): void;
  /** out[8 panels] += the sum of A's rows (the gradient of a bias). */
  f32_sum_rows(rows: number, panels: number, a: number, aStride: number, out: number): void;

  // Moving and elementwise (assembly/elementwise.ts)
  /** Row-major src [rows, cols] (contiguous) into panels; the columns missing in the last panel become zero. */
  f32_pack(rows: number, cols: number, src: number, dst: number, dstStride: number): void;
  /** Panels to row-major dst [rows, cols] (contiguous). */
  f32_unpack(rows: number, cols: number, src: number, srcStride: number, dst: number): void;
  f32_copy_rows(rows: number, panels: number, src: number, srcStride: number, dst: number, dstStride: number): void;
  /** Adds src to dst. */
  f32_add_rows(rows: number, panels: number, src: number, srcStride: number, dst: number, dstStride: number): void;
  /** Zeroes row t * batch + b wherever t >= lengths[b]. */
  f32_zero_padding(steps: number, batch: number, panels: number, a: number, aStride: number, lengths: number): void;
  /** Zeroes the columns >= cols of the last panel (where cols is not a multiple of 8). */
  f32_zero_columns(rows: number, cols: number, a: number, aStride: number): void;
  f32_fill(n: number, value: number, out: number): void;
  f32_add(n: number, a: number, b: number, out: number): void;
  f32_multiply(n: number, a: number, b: number, out: number): void;
  f32_scale(n: number, a: number, factor: number, out: number): void;

  // Functions (assembly/activations.ts). In place (x = y, dy = dx) is allowed.
  f32_sigmoid(n: number, x: number, y: number): void;
  f32_tanh(n: number, x: number, y: number): void;
  f32_exp(n: number, x: number, y: number): void;
  f32_relu(n: number, x: number, y: number): void;
  /** x Phi(x) through erf (Hendrycks & Gimpel 2016), not the tanh approximation. */
  f32_gelu(n: number, x: number, y: number): void;
  /** From the output: dx = dy y (1 - y). */
  f32_sigmoid_backward(n: number, y: number, dy: number, dx: number): void;
  f32_tanh_backward(n: number, y: number, dy: number, dx: number): void;
  f32_relu_backward(n: number, y: number, dy: number, dx: number): void;
  /** From the input. */
  f32_gelu_backward(n: number, x: number, dy: number, dx: number): void;

  // Tables (assembly/embedding.ts)
  /** out[r] = init + table[ids[r]]; table [V, 8 panels]; init: 8 panels contiguous floats, or 0 for none; id < 0: init alone. */
  f32_gather_rows(
    rows: number,
    panels: number,
    ids: number,
    table: number,
    tableStride: number,
    init: number,
    out: number,
    outStride: number,
  ): void;
  /** table[ids[r]] += src[r], rows in ascending order; id < 0 is left out. */
  f32_scatter_add_rows(
    rows: number,
    panels: number,
    ids: number,
    src: number,
    srcStride: number,
    table: number,
    tableStride: number,
  ): void;

  // Pooling over time (assembly/pooling.ts): [steps * batch, .] to [batch, .]; lengths may be 0 (none).
  f32_mean_steps(
    steps: number,
    batch: number,
    panels: number,
    x: number,
    xStride: number,
    lengths: number,
    y: number,
    yStride: number,
  ): void;
  /** Writes (not adds) dx for all steps; padding gets zero. */
  f32_mean_steps_backward(
    steps: number,
    batch: number,
    panels: number,
    dy: number,
    dyStride: number,
    lengths: number,
    dx: number,
    dxStride: number,
  ): void;
  /** argmax: int32 in the same layout as y, the step of the maximum (the first on ties). */
  f32_max_steps(
    steps: number,
    batch: number,
    panels: number,
    x: number,
    xStride: number,
    lengths: number,
    y: number,
    yStride: number,
    argmax: number,
  ): void;
  f32_max_steps_backward(
    steps: number,
    batch: number,
    panels: number,
    dy: number,
    dyStride: number,
    argmax: number,
    dx: number,
    dxStride: number,
  ): void;

  // Losses (assembly/loss.ts)
  f32_softmax(rows: number, cols: number, x: number, xStride: number, y: number, yStride: number): void;
  f32_log_softmax(rows: number, cols: number, x: number, xStride: number, y: number, yStride: number): void;
  /**
   * Probabilities of each row of logits and the sum (float64) of -log p[target] over the rows that count: target >= 0
   * and target != ignore, and, where lengths is not 0, row t * batch + b with t < lengths[b]. probs may be logits.
   * lossOut, where not 0, gets each row's loss (0 for rows that do not count).
   */
  f32_cross_entropy(
    rows: number,
    cols: number,
    logits: number,
    stride: number,
    targets: number,
    ignore: number,
    batch: number,
    lengths: number,
    probs: number,
    probsStride: number,
    lossOut: number,
  ): number;
  /** dlogits = scale (p - onehot(target)) on rows that count, 0 on the others. dlogits may be probs. */
  f32_cross_entropy_backward(
    rows: number,
    cols: number,
    probs: number,
    stride: number,
    targets: number,
    ignore: number,
    batch: number,
    lengths: number,
    scale: number,
    dlogits: number,
    dlogitsStride: number,
  ): void;
  /** Sum (float64) over true columns of (x - target)^2. */
  f32_squared_error(
    rows: number,
    cols: number,
    x: number,
    xStride: number,
    target: number,
    targetStride: number,
  ): number;
  /** dx = 2 scale (x - target); the gradient of the target is its negative. */
  f32_squared_error_backward(
    rows: number,
    cols: number,
    x: number,
    xStride: number,
    target: number,
    targetStride: number,
    scale: number,
    dx: number,
    dxStride: number,
  ): void;

  // Attention (assembly/attention.ts). Products are f32_gemm_nn and f32_gemm_tn on one item's rows of one head.
  /** Rows that lie srcStep bytes apart to rows dstStep apart: with a step of batch * 32, one item's steps of a sequence. */
  f32_move_rows(
    rows: number,
    panels: number,
    src: number,
    srcStride: number,
    srcStep: number,
    dst: number,
    dstStride: number,
    dstStep: number,
  ): void;
  /**
   * y = softmax(factor x) over the columns that row r sees: the first `length`, and with before >= 0 (causal) of these
   * the first before + r + 1; zeros in all others, and everywhere where none is seen. x = factor x where seen; y may be x.
   */
  f32_masked_softmax(
    rows: number,
    cols: number,
    length: number,
    before: number,
    factor: number,
    x: number,
    xStride: number,
    y: number,
    yStride: number,
  ): void;
  /** dx = factor y (dy - sum(dy y)): with respect to the x that went into f32_masked_softmax. dx may be dy. */
  f32_softmax_backward(
    rows: number,
    panels: number,
    y: number,
    yStride: number,
    dy: number,
    dyStride: number,
    factor: number,
    dx: number,
    dxStride: number,
  ): void;
  /** scores[t, s] = v . tanh(q[t] + k[s]) (Bahdanau et al. 2015); rows of q and k lie qStep and kStep bytes apart. */
  f32_additive_scores(
    queries: number,
    keys: number,
    panels: number,
    q: number,
    qStride: number,
    qStep: number,
    k: number,
    kStride: number,
    kStep: number,
    v: number,
    scores: number,
    scoresStride: number,
  ): void;
  /** Adds to dq, dk (which have q's and k's steps) and dv. */
  f32_additive_scores_backward(
    queries: number,
    keys: number,
    panels: number,
    q: number,
    qStride: number,
    qStep: number,
    k: number,
    kStride: number,
    kStep: number,
    v: number,
    dscores: number,
    dscoresStride: number,
    dq: number,
    dqStride: number,
    dk: number,
    dkStride: number,
    dv: number,
  ): void;
  /** Adds row t of the table to the rows of step t: positions. */
  f32_add_steps(
    steps: number,
    batch: number,
    panels: number,
    table: number,
    tableStride: number,
    dst: number,
    dstStride: number,
  ): void;
  /** The gradient of that: adds the sum of step t's rows to row t of the table. */
  f32_sum_steps(
    steps: number,
    batch: number,
    panels: number,
    src: number,
    srcStride: number,
    table: number,
    tableStride: number,
  ): void;

  // Normalisation (assembly/norm.ts)
  /** Over the true columns of each row (Ba et al. 2016); stats: [rows, 2] mean and 1 / sqrt(var + eps). */
  f32_layer_norm(
    rows: number,
    cols: number,
    x: number,
    xStride: number,
    gamma: number,
    beta: number,
    eps: number,
    y: number,
    yStride: number,
    stats: number,
  ): void;
  /** Writes dx; adds to dgamma and dbeta (contiguous, 8 panels). */
  f32_layer_norm_backward(
    rows: number,
    cols: number,
    x: number,
    xStride: number,
    gamma: number,
    stats: number,
    dy: number,
    dyStride: number,
    dx: number,
    dxStride: number,
    dgamma: number,
    dbeta: number,
  ): void;

  // Random numbers (assembly/random.ts, assembly/dropout.ts, assembly/initialisers.ts): Philox4x32-10 (Salmon et al. 2011)
  /**
   * y = x / (1 - rate) or 0. The mask depends on (seed, update, stream) and on the element's place in the whole batch
   * (step, item = batchOffset + b, column), so it is the same however the batch is split; applied to dy it is its own
   * backward. x = y is allowed.
   */
  f32_dropout(
    steps: number,
    batch: number,
    batchOffset: number,
    panels: number,
    x: number,
    xStride: number,
    y: number,
    yStride: number,
    rate: number,
    seed: number,
    update: number,
    stream: number,
  ): void;
  /** Row-major scratch, n floats: uniform in [low, high). */
  f32_uniform(n: number, low: number, high: number, out: number, seed: number, stream: number): void;
  /** Box & Muller 1958. */
  f32_normal(n: number, mean: number, deviation: number, out: number, seed: number, stream: number): void;
  /** Row-major [rows, cols] with orthonormal rows or columns times gain (Saxe et al. 2014); scratch: rows * cols floats. */
  f32_orthogonal(
    rows: number,
    cols: number,
    gain: number,
    out: number,
    scratch: number,
    seed: number,
    stream: number,
  ): void;

  // Recurrent cells over whole sequences (assembly/rnn.ts, lstm.ts, gru.ts)
  //
  // h (and c, dh, dc) have steps + 1 blocks of `batch` rows. Forward in time: block 0 is the initial state and block
  // t + 1 the state after step t. In reverse: block `steps` is the initial state and block t the state after step t
  // (steps run from the last to the first). Gate buffers have `steps` blocks, block t for step t, one segment of
  // `panels` panels a gate. Where lengths is not 0, a step t >= lengths[b] leaves item b's state as it is and gets
  // zero gate gradients; its gates are those that keep a state (i = g = o = 0, f = 1; n = r = 0, z = 1), and its dy must be
  // zero (f32_zero_padding). Weights are W_hh transposed, [H, gates * H]; the
  // backward kernels take W_hh itself, [gates * H, H]. dhn and dcn (0: none; [batch, H]) are gradients that come in
  // from the final state; they may be that state's own block of dh and dc, so that a sequence can be gone through in
  // parts. dh and dc get the whole gradient with respect to each state, the initial one included.
  // Where dactivations is not 0 it gets the gradients with respect to the gates' outputs, laid out as the gates.
  // Where held is not 0 (never together with lengths), gates and states are held at its values wherever it is not NaN,
  // and have no gradient there: `steps` blocks, the segments of the gates, then c (lstm), then h; of the plain network h.

  /** s: in: the input's part plus biases; out: s(t) whole. h(t) = tanh or relu of s(t). */
  f32_rnn_forward(
    relu: number,
    steps: number,
    batch: number,
    panels: number,
    reverse: number,
    lengths: number,
    s: number,
    sStride: number,
    h: number,
    hStride: number,
    weight: number,
    weightStride: number,
    held: number,
    heldStride: number,
  ): void;
  f32_rnn_backward(
    relu: number,
    steps: number,
    batch: number,
    panels: number,
    reverse: number,
    lengths: number,
    h: number,
    hStride: number,
    dy: number,
    dyStride: number,
    dhn: number,
    dhnStride: number,
    weight: number,
    weightStride: number,
    dh: number,
    dhStride: number,
    ds: number,
    dsStride: number,
    held: number,
    heldStride: number,
  ): void;
  /** gates: segments i, f, g, o (Hochreiter & Schmidhuber 1997; Gers et al. 2000); in: the input's part plus biases; out: activated. */
  f32_lstm_forward(
    steps: number,
    batch: number,
    panels: number,
    reverse: number,
    lengths: number,
    gates: number,
    gatesStride: number,
    h: number,
    hStride: number,
    c: number,
    cStride: number,
    weight: number,
    weightStride: number,
    held: number,
    heldStride: number,
  ): void;
  f32_lstm_backward(
    steps: number,
    batch: number,
    panels: number,
    reverse: number,
    lengths: number,
    gates: number,
    gatesStride: number,
    c: number,
    cStride: number,
    dy: number,
    dyStride: number,
    dhn: number,
    dhnStride: number,
    dcn: number,
    dcnStride: number,
    weight: number,
    weightStride: number,
    dh: number,
    dhStride: number,
    dc: number,
    dcStride: number,
    dgates: number,
    dgatesStride: number,
    dactivations: number,
    dactivationsStride: number,
    held: number,
    heldStride: number,
  ): void;
  /**
   * GRU with the reset gate after the product (Cho et al. 2014; PyTorch's form). gates: segments n, r, z; in: the
   * input's part plus biases (b_hn left out); out: activated. q(t) = W_hn h(t-1) + b_hn is kept, [steps * batch, H].
   * The weight's columns are r, z, n, as PyTorch's rows. bias: b_hn, 8 panels contiguous floats.
   */
  f32_gru_forward(
    steps: number,
    batch: number,
    panels: number,
    reverse: number,
    lengths: number,
    gates: number,
    gatesStride: number,
    q: number,
    qStride: number,
    h: number,
    hStride: number,
    weight: number,
    weightStride: number,
    bias: number,
    held: number,
    heldStride: number,
  ): void;
  /** dgates: segments n, r, z, q (pre-activations): n, r, z belong to the input's product, r, z, q to the recurrent one. */
  f32_gru_backward(
    steps: number,
    batch: number,
    panels: number,
    reverse: number,
    lengths: number,
    gates: number,
    gatesStride: number,
    q: number,
    qStride: number,
    h: number,
    hStride: number,
    dy: number,
    dyStride: number,
    dhn: number,
    dhnStride: number,
    weight: number,
    weightStride: number,
    dh: number,
    dhStride: number,
    dgates: number,
    dgatesStride: number,
    dactivations: number,
    dactivationsStride: number,
    held: number,
    heldStride: number,
  ): void;

  // Optimizers (assembly/optimizers.ts), on n floats; scale multiplies the gradient first (clipping). As PyTorch defines them.
  /** out = sum of `replicas` gradients lying `replicaStride` bytes apart, first to last; returns the sum of squares (float64). */
  f32_reduce_gradients(n: number, first: number, replicas: number, replicaStride: number, out: number): number;
  /** first != 0: the momentum buffer starts as the gradient. momentum = 0 leaves the buffer alone. */
  f32_sgd(
    n: number,
    w: number,
    g: number,
    buffer: number,
    rate: number,
    momentum: number,
    nesterov: number,
    weightDecay: number,
    scale: number,
    first: number,
  ): void;
  f32_rmsprop(
    n: number,
    w: number,
    g: number,
    v: number,
    buffer: number,
    mean: number,
    rate: number,
    alpha: number,
    eps: number,
    momentum: number,
    centered: number,
    weightDecay: number,
    scale: number,
  ): void;
  /** decoupled != 0: AdamW. correction1 = 1 - beta1^step, correction2 = 1 - beta2^step. */
  f32_adam(
    n: number,
    w: number,
    g: number,
    m: number,
    v: number,
    rate: number,
    beta1: number,
    beta2: number,
    eps: number,
    weightDecay: number,
    decoupled: number,
    correction1: number,
    correction2: number,
    scale: number,
  ): void;

  // The team (assembly/team.ts)
  /**
   * Waits until `count` threads have arrived at the barrier whose two int32 (arrivals, generation) lie at `barrier`.
   * Spins, then sleeps. Nothing in builds without shared memory.
   */
  team_barrier(barrier: number, count: number): void;
  /** Multiply-adds on registers alone; returns their number of floating-point operations a call. For the benchmark's peak. */
  f32_peak(iterations: number): number;
}
