/* softmax_nll's two passes over the vocabulary, and what goes around them.

   Threads share out chunks of the vocabulary, then documents; what they write is their chunk's
   own and is summed in one order, so the result does not depend on who takes which. They are
   OpenMP's, and where torch brings GCC's library they are torch's own, so that the two never
   wait for a core. */

#include "compiled.h"
#include <math.h>
#include <string.h>

enum { SIX = 6, HALF = 8, PANEL = 2 * HALF, BLOCK = 4 * PANEL, TILE = 16 * SIX, MOST_CHUNKS = 32 };
#define FAR 60.0f /* in powers of two: a million words below 2^60 do not overflow */
#define LOG2_E 1.4426950408889634f
#define NOTHING -3e38f /* the logit of a word that is not there */

/* tiles.h, as compiled for some processors. */
struct arithmetic {
  void (*totals)(const float *R, const float *b, const float *panels, long D, long F,
                 float *totals, float *references);
  void (*probabilities)(const float *R, const float *b, const float *panel, const float *log_z,
                        long F, float *p);
  void (*means)(const float *R, const float *p, long F, float *out);
  void (*gradient)(const float *p, const float *rows, long D, long W, float *gradient);
  void (*add_scaled)(float *restrict y, const float *restrict x, float a, long n);
  float (*dot)(const float *x, const float *y, long n);
};

#define VARIANT(name) name##_plain
#include "tiles.h"
#undef VARIANT

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define VARIANT(name) name##_avx2
#include "tiles.h"
#undef VARIANT
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

static const struct arithmetic *on = &arithmetic_plain; /* this processor */

static void choose_arithmetic(int only_plain) {
  on = &arithmetic_plain;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!only_plain && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    on = &arithmetic_avx2;
#endif
  (void)only_plain;
}

/* S samples of B documents over V words with F features; row s·B + d is document d's. */
struct problem {
  const float *R, *b, *features, *counts;
  const int64_t *offsets, *documents;              /* the bag by document, */
  const int64_t *different, *word_offsets, *order; /* and by word */
  long V, F, B, S, nnz, n_different;
  long rows, D, chunk, n_chunks; /* D: rows filled up to whole panels */
  int n_threads;
};

static long at_most(long x, long most) { return x < most ? x : most; }

/* The first of the different words that is v or more. */
static long at_or_after(const struct problem *x, int64_t v) {
  long low = 0, high = x->n_different;
  while (low < high) {
    long middle = (low + high) / 2;
    if (x->different[middle] < v) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* h log2 e in panels, zero where there is no row. */
static void pack(const struct problem *x, float *panels) {
  memset(panels, 0, x->D * x->F * sizeof(float));
#pragma omp parallel for num_threads(x->n_threads)
  for (long r = 0; r < x->rows; r++) {
    float *to = panels + r / PANEL * PANEL * x->F + r % PANEL;
    for (long f = 0; f < x->F; f++) to[f * PANEL] = x->features[r * x->F + f] * LOG2_E;
  }
}

/* R and b log2 e of a tile from word v, filled up with words that have no probability. */
static void copy_tile(const struct problem *x, long v, long n, float *R, float *b) {
  memcpy(R, x->R + v * x->F, n * x->F * sizeof(float));
  memset(R + n * x->F, 0, (TILE - n) * x->F * sizeof(float));
  for (long i = 0; i < TILE; i++) b[i] = i < n ? x->b[v + i] * LOG2_E : NOTHING;
}

/* ---- forward: log2 Z and the nll ---- */

struct forward {
  float *panels, *totals, *references, *at_words, *tiles;
};

static void forward_chunk(const struct problem *x, const struct forward *s, long c, float *b) {
  long first = c * x->chunk, last = at_most(first + x->chunk, x->V);
  float *R = b + TILE, *totals = s->totals + c * x->D, *references = s->references + c * x->D;
  for (long d = 0; d < x->D; d++) totals[d] = 0, references[d] = NOTHING;
  for (long v = first; v < last; v += TILE) {
    copy_tile(x, v, at_most(last - v, TILE), R, b);
    on->totals(R, b, s->panels, x->D, x->F, totals, references);
  }
  for (long u = at_or_after(x, first); u < x->n_different && x->different[u] < last; u++) {
    long v = x->different[u];
    for (long i = x->word_offsets[u]; i < x->word_offsets[u + 1]; i++)
      for (long sample = 0; sample < x->S; sample++) {
        long e = x->order[i], row = sample * x->B + x->documents[e];
        float l = x->b[v] + on->dot(x->R + v * x->F, x->features + row * x->F, x->F);
        s->at_words[sample * x->nnz + e] = l * LOG2_E;
      }
  }
}

static float log2_total(const struct problem *x, const struct forward *s, long d) {
  float highest = s->references[d];
  for (long c = 1; c < x->n_chunks; c++) highest = fmaxf(highest, s->references[c * x->D + d]);
  double total = 0;
  for (long c = 0; c < x->n_chunks; c++)
    total += s->totals[c * x->D + d] * exp2((double)s->references[c * x->D + d] - highest);
  return highest + log2(total);
}

static void forward_row(const struct problem *x, const struct forward *s, long row, float log_z,
                        float *nll) {
  long d = row % x->B;
  const float *at = s->at_words + row / x->B * x->nnz;
  double sum = 0;
  for (long e = x->offsets[d]; e < x->offsets[d + 1]; e++) {
    float term = log_z - at[e];
    sum += x->counts[e] * (term < 0 ? 0 : term); /* below 0 by rounding; not a number stays */
  }
  nll[row] = sum / LOG2_E;
}

static void forward(const struct problem *x, const struct forward *s, float *log_z, float *nll) {
  pack(x, s->panels);
#pragma omp parallel for schedule(dynamic) num_threads(x->n_threads)
  for (long c = 0; c < x->n_chunks; c++)
    forward_chunk(x, s, c, s->tiles + omp_get_thread_num() * TILE * (1 + x->F));
#pragma omp parallel for num_threads(x->n_threads)
  for (long d = 0; d < x->D; d++) {
    log_z[d] = log2_total(x, s, d);
    if (d < x->rows) forward_row(x, s, d, log_z[d], nll);
  }
}

/* ---- backward ---- */

struct backward {
  const float *log_z, *upstream;
  float *by_features, *by_weight, *by_bias;  /* NULL where nobody asks */
  int add;                                   /* to by_weight and by_bias, rather than put there */
  long W;                                    /* of rows: F, 1 and zeros up to a multiple of 8 */
  float *panels, *rows, *lengths, *means, *tiles;
};

static long tile_size(const struct problem *x, const struct backward *s) {
  return TILE * (BLOCK + s->W + 1 + x->F);
}

/* c (h, 1) of every row, with c = u N. */
static void scale_rows(const struct problem *x, const struct backward *s) {
  for (long d = 0; d < x->B; d++) {
    double length = 0;
    for (long e = x->offsets[d]; e < x->offsets[d + 1]; e++) length += x->counts[e];
    s->lengths[d] = length;
  }
  memset(s->rows, 0, x->D * s->W * sizeof(float));
#pragma omp parallel for num_threads(x->n_threads)
  for (long r = 0; r < x->rows; r++) {
    float c = s->upstream[r] * s->lengths[r % x->B];
    on->add_scaled(s->rows + r * s->W, x->features + r * x->F, c, x->F);
    s->rows[r * s->W + x->F] = c;
  }
}

/* The first entry of the u-th different word whose document is d or later. */
static long entry_at_or_after(const struct problem *x, long u, long d) {
  long low = x->word_offsets[u], high = x->word_offsets[u + 1];
  while (low < high) {
    long middle = (low + high) / 2;
    if (x->documents[x->order[middle]] < d) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* p −= x / N, for the tile from word v and the block from row d. Before any sum is taken: for a
   frequent word the sums of p and of x / N are large and nearly the same. */
static void subtract_counts(const struct problem *x, const struct backward *s, long v, long n,
                            long d, long block, float *p) {
  for (long u = at_or_after(x, v); u < x->n_different && x->different[u] < v + n; u++) {
    float *to = p + (x->different[u] - v) * BLOCK;
    for (long sample = d / x->B; sample < x->S && sample * x->B < d + block; sample++) {
      long first = d - sample * x->B, end = x->word_offsets[u + 1]; /* a document, an entry */
      for (long i = entry_at_or_after(x, u, first); i < end; i++) {
        long e = x->order[i], column = x->documents[e] - first;
        if (column >= block) break;
        if (column >= 0) to[column] -= x->counts[e] / s->lengths[x->documents[e]];
      }
    }
  }
}

static void put_tile(const struct problem *x, const struct backward *s, long v, long n,
                     const float *gradient) {
  for (long i = 0; i < n; i++) {
    const float *from = gradient + i * s->W;
    float *weight = s->by_weight + (v + i) * x->F, *bias = s->by_bias + v + i;
    if (s->add) {
      on->add_scaled(weight, from, 1, x->F);
      *bias += from[x->F];
    } else {
      memcpy(weight, from, x->F * sizeof(float));
      *bias = from[x->F];
    }
  }
}

static void backward_chunk(const struct problem *x, const struct backward *s, long c, float *p) {
  long first = c * x->chunk, last = at_most(first + x->chunk, x->V);
  float *gradient = p + TILE * BLOCK, *b = gradient + TILE * s->W, *R = b + TILE;
  float *means = s->means + c * x->D * x->F;
  if (s->by_features) memset(means, 0, x->D * x->F * sizeof(float));
  for (long v = first; v < last; v += TILE) {
    long n = at_most(last - v, TILE);
    copy_tile(x, v, n, R, b);
    memset(gradient, 0, TILE * s->W * sizeof(float));
    for (long d = 0; d < x->D; d += BLOCK) {
      long block = at_most(x->D - d, BLOCK);
      for (long e = 0; e < block; e += PANEL)
        on->probabilities(R, b, s->panels + (d + e) * x->F, s->log_z + d + e, x->F, p + e);
      subtract_counts(x, s, v, n, d, block, p);
      for (long e = 0; s->by_features && e < block; e += PANEL)
        on->means(R, p + e, x->F, means + (d + e) * x->F);
      if (s->by_weight) on->gradient(p, s->rows + d * s->W, block, s->W, gradient);
    }
    if (s->by_weight) put_tile(x, s, v, n, gradient);
  }
}

/* c Σ_v (p_v − x_v / N) R_v of the rows of one panel. */
static void features_panel(const struct problem *x, const struct backward *s, long first) {
  long n = at_most(x->rows - first, PANEL);
  float scale[PANEL];
  for (long i = 0; i < n; i++)
    scale[i] = s->upstream[first + i] * s->lengths[(first + i) % x->B];
  for (long f = 0; f < x->F; f++) {
    const float *from = s->means + first * x->F + f * PANEL;
    float sum[PANEL] = {0};
    for (long k = 0; k < x->n_chunks; k++, from += x->D * x->F)
      for (int i = 0; i < PANEL; i++) sum[i] += from[i];
    for (long i = 0; i < n; i++) s->by_features[(first + i) * x->F + f] = scale[i] * sum[i];
  }
}

static void backward(const struct problem *x, const struct backward *s) {
  pack(x, s->panels);
  scale_rows(x, s);
#pragma omp parallel for schedule(dynamic) num_threads(x->n_threads)
  for (long c = 0; c < x->n_chunks; c++)
    backward_chunk(x, s, c, s->tiles + omp_get_thread_num() * tile_size(x, s));
  if (!s->by_features) return;
#pragma omp parallel for num_threads(x->n_threads)
  for (long d = 0; d < x->D; d += PANEL) features_panel(x, s, d);
}
