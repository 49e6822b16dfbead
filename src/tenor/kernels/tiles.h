/* The arithmetic of softmax_nll on one tile: TILE words × up to BLOCK documents, in cache.

   Features come in panels of 16 documents, [panel][feature][16]. Logits are made six words × one
   panel at a time, in registers, and turned to exponentials before they are stored. The vectors
   are GCC's and Clang's, eight floats long; where the processor's are shorter they are split.

   Included once for each instruction set, under other names each time: see passes.h. */

#define vector VARIANT(vector)
#define loose VARIANT(loose)
#define lanes VARIANT(lanes)
#define load VARIANT(load)
#define store VARIANT(store)
#define larger VARIANT(larger)
#define any VARIANT(any)
#define power VARIANT(power)
#define logits VARIANT(logits)
#define add_powers VARIANT(add_powers)
#define tile_totals VARIANT(tile_totals)
#define tile_probabilities VARIANT(tile_probabilities)
#define add_means VARIANT(add_means)
#define tile_means VARIANT(tile_means)
#define add_rows VARIANT(add_rows)
#define tile_gradient VARIANT(tile_gradient)
#define add_scaled VARIANT(add_scaled)
#define dot VARIANT(dot)

typedef float vector __attribute__((vector_size(4 * HALF)));
typedef float loose __attribute__((vector_size(4 * HALF), aligned(4), may_alias)); /* stands anywhere */
typedef int32_t lanes __attribute__((vector_size(4 * HALF)));

INLINE vector load(const float *from) { return *(const loose *)from; }
INLINE void store(float *to, vector x) { *(loose *)to = x; }

INLINE vector larger(vector x, vector y) { /* x where one is not a number */
  lanes smaller = x < y;
  return (vector)(((lanes)y & smaller) | ((lanes)x & ~smaller));
}

INLINE int any(lanes mask) {
  int32_t found = 0;
  for (int i = 0; i < HALF; i++) found |= mask[i];
  return found != 0;
}

/* 2^x for −126 ≤ x ≤ 127, relative error 2e-7; 2^-126 for all smaller x; what arithmetic makes
   that is not a number stays so. As exp2f of Cephes. */
INLINE vector power(vector x) {
  x = larger(x, (vector){0} - 126.0f);
  vector shifted = x + 12582912.0f; /* 1.5 · 2^23: the whole part stands in the last bits */
  vector rest = x - (shifted - 12582912.0f);
  vector y = rest * 1.535336188319500e-4f + 1.339887440266574e-3f;
  y = y * rest + 9.618437357674640e-3f;
  y = y * rest + 5.550332471162809e-2f;
  y = y * rest + 2.402264791363012e-1f;
  y = y * rest + 6.931472028550421e-1f;
  y = y * rest + 1.0f;
  return (vector)((lanes)y + ((lanes)shifted << 23));
}

/* Logits of six words × one panel. */
INLINE void logits(const float *R, const float *b, const float *panel, long F, vector l[SIX][2]) {
  for (int i = 0; i < SIX; i++) l[i][0] = l[i][1] = (vector){0} + b[i];
  for (long f = 0; f < F; f++) {
    vector x = load(panel + f * PANEL), y = load(panel + f * PANEL + HALF);
    for (int i = 0; i < SIX; i++) {
      float r = R[i * F + f];
      l[i][0] += r * x;
      l[i][1] += r * y;
    }
  }
}

/* sum += Σ 2^(l − reference). The reference is at most FAR below the largest l: where it has to
   rise, the sum and the total of earlier tiles shrink with it. */
INLINE void add_powers(const vector l[SIX], vector *sum, vector *total, vector *reference) {
  vector largest = l[0];
  for (int i = 1; i < SIX; i++) largest = larger(largest, l[i]);
  if (any(largest - *reference > FAR)) {
    vector raised = larger(*reference, largest);
    vector shrunk = power(*reference - raised);
    *sum *= shrunk;
    *total *= shrunk;
    *reference = raised;
  }
  for (int i = 0; i < SIX; i++) *sum += power(l[i] - *reference);
}

/* Adds a tile's words to the totals of D documents. */
static void tile_totals(const float *R, const float *b, const float *panels, long D,
                        long F, float *totals, float *references) {
  for (long d = 0; d < D; d += PANEL) {
    vector sum[2] = {{0}}, total[2], reference[2], l[SIX][2], half[SIX];
    for (int side = 0; side < 2; side++) {
      total[side] = load(totals + d + HALF * side);
      reference[side] = load(references + d + HALF * side);
    }
    for (long v = 0; v < TILE; v += SIX) {
      logits(R + v * F, b + v, panels + d * F, F, l);
      for (int side = 0; side < 2; side++) {
        for (int i = 0; i < SIX; i++) half[i] = l[i][side];
        add_powers(half, &sum[side], &total[side], &reference[side]);
      }
    }
    for (int side = 0; side < 2; side++) {
      store(totals + d + HALF * side, total[side] + sum[side]);
      store(references + d + HALF * side, reference[side]);
    }
  }
}

/* p [TILE][BLOCK] = 2^(l − log2 Z), the columns of one panel. */
static void tile_probabilities(const float *R, const float *b, const float *panel,
                               const float *log_z, long F, float *p) {
  vector z[2] = {load(log_z), load(log_z + HALF)};
  for (long v = 0; v < TILE; v += SIX) {
    vector l[SIX][2];
    logits(R + v * F, b + v, panel, F, l);
    for (int i = 0; i < SIX; i++)
      for (int side = 0; side < 2; side++)
        store(p + (v + i) * BLOCK + HALF * side, power(l[i][side] - z[side]));
  }
}

/* out [feature][16] += Σ_v p R, for n of the features of one panel; n is a constant. */
INLINE void add_means(const float *R, const float *p, long F, float *out, int n) {
  vector sum[SIX][2] = {{{0}}};
  for (long v = 0; v < TILE; v++) {
    vector x = load(p + v * BLOCK), y = load(p + v * BLOCK + HALF);
    for (int i = 0; i < n; i++) {
      float r = R[v * F + i];
      sum[i][0] += r * x;
      sum[i][1] += r * y;
    }
  }
  for (int i = 0; i < n; i++)
    for (int side = 0; side < 2; side++) {
      float *to = out + i * PANEL + HALF * side;
      store(to, load(to) + sum[i][side]);
    }
}

static void tile_means(const float *R, const float *p, long F, float *out) {
  long f = 0;
  for (; f + SIX <= F; f += SIX) add_means(R + f, p, F, out + f * PANEL, SIX);
  R += f;
  out += f * PANEL;
  switch (F - f) {
    case 5: add_means(R, p, F, out, 5); break;
    case 4: add_means(R, p, F, out, 4); break;
    case 3: add_means(R, p, F, out, 3); break;
    case 2: add_means(R, p, F, out, 2); break;
    case 1: add_means(R, p, F, out, 1); break;
    default: break;
  }
}

/* gradient [six words][W] += Σ_d p rows, in `halves` vectors a word; halves is a constant. */
INLINE void add_rows(const float *p, const float *rows, long D, long W, float *gradient,
                     int halves) {
  vector sum[SIX][2] = {{{0}}}, x[2];
  for (long d = 0; d < D; d++) {
    for (int side = 0; side < halves; side++) x[side] = load(rows + d * W + HALF * side);
    for (int i = 0; i < SIX; i++) {
      float q = p[i * BLOCK + d];
      for (int side = 0; side < halves; side++) sum[i][side] += q * x[side];
    }
  }
  for (int i = 0; i < SIX; i++)
    for (int side = 0; side < halves; side++) {
      float *to = gradient + i * W + HALF * side;
      store(to, load(to) + sum[i][side]);
    }
}

/* gradient [TILE][W] += Σ_d p_d rows_d over the D documents of a block; W is a multiple of 8. */
static void tile_gradient(const float *p, const float *rows, long D, long W,
                          float *gradient) {
  for (long v = 0; v < TILE; v += SIX) {
    long w = 0;
    for (; w + PANEL <= W; w += PANEL)
      add_rows(p + v * BLOCK, rows + w, D, W, gradient + v * W + w, 2);
    if (w < W) add_rows(p + v * BLOCK, rows + w, D, W, gradient + v * W + w, 1);
  }
}

/* y += a x. */
static void add_scaled(float *restrict y, const float *restrict x, float a, long n) {
  for (long i = 0; i < n; i++) y[i] += a * x[i];
}

static float dot(const float *x, const float *y, long n) {
  vector sum = {0};
  long i = 0;
  for (; i + HALF <= n; i += HALF) sum += load(x + i) * load(y + i);
  float total = 0;
  for (; i < n; i++) total += x[i] * y[i];
  for (int j = 0; j < HALF; j++) total += sum[j];
  return total;
}

static const struct arithmetic VARIANT(arithmetic) = {
    tile_totals, tile_probabilities, tile_means, tile_gradient, add_scaled, dot};

#undef vector
#undef loose
#undef lanes
#undef load
#undef store
#undef larger
#undef any
#undef power
#undef logits
#undef add_powers
#undef tile_totals
#undef tile_probabilities
#undef add_means
#undef tile_means
#undef add_rows
#undef tile_gradient
#undef add_scaled
#undef dot
