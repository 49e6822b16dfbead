/* The arithmetic of softmax_nll over tiles of words × documents that stay in cache.

   Included once for each instruction set, with VARIANT(name) giving each its own names. The
   vectors are those of GCC and Clang, eight floats long; where the machine's are shorter the
   compiler splits them.

   Features come in panels of 16 documents, [panel][feature][16]: a tile of logits is made six
   words × one panel at a time, in registers, and turned to exponentials before it is stored. */

#define vector VARIANT(vector)
#define loose VARIANT(loose)
#define lanes VARIANT(lanes)
typedef float vector __attribute__((vector_size(32)));
typedef float loose __attribute__((vector_size(32), aligned(4))); /* stands anywhere */
typedef int32_t lanes __attribute__((vector_size(32)));

INLINE vector VARIANT(load)(const float *from) { return *(const loose *)from; }
INLINE void VARIANT(store)(float *to, vector x) { *(loose *)to = x; }
#define LOAD VARIANT(load)
#define STORE VARIANT(store)

INLINE vector VARIANT(larger)(vector x, vector y) { /* x where it is not a number */
  lanes smaller = x < y;
  return (vector)(((lanes)y & smaller) | ((lanes)x & ~smaller));
}

/* 2^x for x ≤ 127, relative error 2e-7; 2^-126 for all smaller x. Cephes' exp2f. */
INLINE vector VARIANT(power)(vector x) {
  x = VARIANT(larger)(x, (vector){0} - 126.0f);
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

INLINE int VARIANT(any)(lanes mask) {
  int32_t found = 0;
  for (int i = 0; i < 8; i++) found |= mask[i];
  return found != 0;
}

/* Logits of six words × one panel. */
INLINE void VARIANT(logits)(const float *R, const float *b, const float *panel, long F,
                            vector l[SIX][2]) {
  for (int i = 0; i < SIX; i++) l[i][0] = l[i][1] = (vector){0} + b[i];
  for (long f = 0; f < F; f++) {
    vector x = LOAD(panel + f * PANEL), y = LOAD(panel + f * PANEL + 8);
    for (int i = 0; i < SIX; i++) {
      float r = R[i * F + f];
      l[i][0] += r * x;
      l[i][1] += r * y;
    }
  }
}

/* Σ 2^(l − m) over a tile's words for one panel, and a reference m not far below the largest. */
INLINE void VARIANT(add_powers)(vector l[SIX], vector *total, vector *reference) {
  vector largest = l[0];
  for (int i = 1; i < SIX; i++) largest = VARIANT(larger)(largest, l[i]);
  if (VARIANT(any)(largest - *reference > FAR)) {
    vector raised = VARIANT(larger)(*reference, largest);
    *total *= VARIANT(power)(*reference - raised);
    *reference = raised;
  }
  for (int i = 0; i < SIX; i++) *total += VARIANT(power)(l[i] - *reference);
}

static void VARIANT(tile_totals)(const float *R, const float *b, const float *panels, long D,
                                 long F, float *totals, float *references) {
  for (long d = 0; d < D; d += PANEL) {
    vector total[2] = {LOAD(totals + d), LOAD(totals + d + 8)};
    vector reference[2] = {LOAD(references + d), LOAD(references + d + 8)};
    for (long v = 0; v < TILE; v += SIX) {
      vector l[SIX][2], half[SIX];
      VARIANT(logits)(R + v * F, b + v, panels + d * F, F, l);
      for (int side = 0; side < 2; side++) {
        for (int i = 0; i < SIX; i++) half[i] = l[i][side];
        VARIANT(add_powers)(half, &total[side], &reference[side]);
      }
    }
    for (int side = 0; side < 2; side++) {
      STORE(totals + d + 8 * side, total[side]);
      STORE(references + d + 8 * side, reference[side]);
    }
  }
}

/* p = 2^(l − log2 Z), [TILE][BLOCK], of one panel whose first column is p. */
static void VARIANT(probabilities)(const float *R, const float *b, const float *panel,
                                   const float *log_z, long F, float *p) {
  vector z[2] = {LOAD(log_z), LOAD(log_z + 8)};
  for (long v = 0; v < TILE; v += SIX) {
    vector l[SIX][2];
    VARIANT(logits)(R + v * F, b + v, panel, F, l);
    for (int i = 0; i < SIX; i++)
      for (int side = 0; side < 2; side++)
        STORE(p + (v + i) * BLOCK + 8 * side, VARIANT(power)(l[i][side] - z[side]));
  }
}

/* Σ_v p R for n of the features (n known when compiled): out [feature][16] of one panel. */
INLINE void VARIANT(some_means)(const float *R, const float *p, long F, float *out, int n) {
  vector sum[SIX][2];
  for (int i = 0; i < n; i++)
    for (int side = 0; side < 2; side++) sum[i][side] = LOAD(out + i * PANEL + 8 * side);
  for (long v = 0; v < TILE; v++) {
    vector x = LOAD(p + v * BLOCK), y = LOAD(p + v * BLOCK + 8);
    for (int i = 0; i < n; i++) {
      float r = R[v * F + i];
      sum[i][0] += r * x;
      sum[i][1] += r * y;
    }
  }
  for (int i = 0; i < n; i++)
    for (int side = 0; side < 2; side++) STORE(out + i * PANEL + 8 * side, sum[i][side]);
}

static void VARIANT(means)(const float *R, const float *p, long F, float *out) {
  long f = 0;
  for (; f + SIX <= F; f += SIX) VARIANT(some_means)(R + f, p, F, out + f * PANEL, SIX);
  R += f;
  out += f * PANEL;
  switch (F - f) {
    case 5: VARIANT(some_means)(R, p, F, out, 5); break;
    case 4: VARIANT(some_means)(R, p, F, out, 4); break;
    case 3: VARIANT(some_means)(R, p, F, out, 3); break;
    case 2: VARIANT(some_means)(R, p, F, out, 2); break;
    case 1: VARIANT(some_means)(R, p, F, out, 1); break;
    default: break;
  }
}

/* gradient [TILE][W] += Σ_d p rows, six words × `halves` vectors (known when compiled). */
INLINE void VARIANT(some_rows)(const float *p, const float *rows, long D, long W, float *gradient,
                               int halves) {
  vector sum[SIX][2];
  for (int i = 0; i < SIX; i++)
    for (int side = 0; side < halves; side++) sum[i][side] = LOAD(gradient + i * W + 8 * side);
  for (long d = 0; d < D; d++) {
    vector x[2];
    for (int side = 0; side < halves; side++) x[side] = LOAD(rows + d * W + 8 * side);
    for (int i = 0; i < SIX; i++) {
      float q = p[i * BLOCK + d];
      for (int side = 0; side < halves; side++) sum[i][side] += q * x[side];
    }
  }
  for (int i = 0; i < SIX; i++)
    for (int side = 0; side < halves; side++) STORE(gradient + i * W + 8 * side, sum[i][side]);
}

static void VARIANT(tile_gradient)(const float *p, const float *rows, long D, long W,
                                   float *gradient) {
  for (long v = 0; v < TILE; v += SIX) {
    long w = 0;
    for (; w + 16 <= W; w += 16)
      VARIANT(some_rows)(p + v * BLOCK, rows + w, D, W, gradient + v * W + w, 2);
    if (w < W) VARIANT(some_rows)(p + v * BLOCK, rows + w, D, W, gradient + v * W + w, 1);
  }
}

static float VARIANT(dot)(const float *x, const float *y, long n) {
  vector sum = {0};
  long i = 0;
  for (; i + 8 <= n; i += 8) sum += LOAD(x + i) * LOAD(y + i);
  float total = 0;
  for (; i < n; i++) total += x[i] * y[i];
  for (int j = 0; j < 8; j++) total += sum[j];
  return total;
}

const struct arithmetic VARIANT(arithmetic) = {
    VARIANT(tile_totals), VARIANT(probabilities), VARIANT(means), VARIANT(tile_gradient),
    VARIANT(dot)};

#undef vector
#undef loose
#undef lanes
#undef LOAD
#undef STORE
