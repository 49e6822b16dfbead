/* softmax_nll on a CPU: the passes over tiles of words, for any number of threads.

   Threads share out chunks of the vocabulary; what they write is kept apart by chunk and summed
   by the caller, so the result is the same whoever takes which. They are OpenMP's, and where
   torch brings GCC's library they are torch's own, so the two never wait for a core. Arrays are
   float32 or int64 in C order, checked for size; see tiled.py for what they hold. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifndef _OPENMP
#error "OpenMP is needed"
#endif

#define INLINE static inline __attribute__((always_inline))
enum { SIX = 6, PANEL = 16, BLOCK = 64, TILE = 96, LINE = 64 };
#define FAR 60.0f        /* powers of two: a million of them below 2^60 do not overflow */
#define NOTHING -1e30f   /* the logit of a word that is not there */

struct arithmetic {
  void (*totals)(const float *R, const float *b, const float *panels, long D, long F,
                 float *totals, float *references);
  void (*probabilities)(const float *R, const float *b, const float *panel, const float *log_z,
                        long F, float *p);
  void (*means)(const float *R, const float *p, long F, float *out);
  void (*gradient)(const float *p, const float *rows, long D, long W, float *gradient);
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

static const struct arithmetic *best = &arithmetic_plain;

/* The entries of the documents, word by word. */
struct entries {
  const int64_t *words, *offsets, *order, *documents;
  long n_words;
};

/* The first of the words that is v or more. */
static long at_or_after(const struct entries *x, int64_t v) {
  long low = 0, high = x->n_words;
  while (low < high) {
    long middle = (low + high) / 2;
    if (x->words[middle] < v) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* R and b of one tile, filled up with words that have no probability. */
static void copy_tile(const float *R, const float *b, long n, long F, float *tile_R,
                      float *tile_b) {
  memcpy(tile_R, R, n * F * sizeof(float));
  memset(tile_R + n * F, 0, (TILE - n) * F * sizeof(float));
  for (long v = 0; v < TILE; v++) tile_b[v] = v < n ? b[v] : NOTHING;
}

struct sums {
  const float *R, *b, *panels, *rows;
  struct entries x;
  float *totals, *references, *at_words;
  long V, D, F, n_documents, n_entries, n_samples, chunk;
};

static void sum_chunk(const struct sums *s, long c, float *tile) {
  float *tile_b = tile + TILE * BLOCK, *tile_R = tile_b + TILE;
  long first = c * s->chunk, last = first + s->chunk < s->V ? first + s->chunk : s->V;
  for (long v = first; v < last; v += TILE) {
    long n = last - v < TILE ? last - v : TILE;
    copy_tile(s->R + v * s->F, s->b + v, n, s->F, tile_R, tile_b);
    best->totals(tile_R, tile_b, s->panels, s->D, s->F, s->totals + c * s->D,
                 s->references + c * s->D);
  }
  for (long u = at_or_after(&s->x, first); u < s->x.n_words && s->x.words[u] < last; u++) {
    long v = s->x.words[u];
    for (long i = s->x.offsets[u]; i < s->x.offsets[u + 1]; i++)
      for (long sample = 0; sample < s->n_samples; sample++) {
        long entry = s->x.order[i], row = sample * s->n_documents + s->x.documents[entry];
        s->at_words[sample * s->n_entries + entry] =
            s->b[v] + best->dot(s->R + v * s->F, s->rows + row * s->F, s->F);
      }
  }
}

struct gradients {
  const float *R, *b, *panels, *log_z, *rows, *shares;
  struct entries x;
  float *by_features, *by_weight, *by_bias; /* NULL where nobody asks */
  long V, D, F, W, n_documents, n_samples, chunk;
  int add;
};

static void subtract_counts(const struct gradients *g, long first, long last, float *gradient) {
  for (long u = at_or_after(&g->x, first); u < g->x.n_words && g->x.words[u] < last; u++) {
    float *to = gradient + (g->x.words[u] - first) * g->W;
    for (long i = g->x.offsets[u]; i < g->x.offsets[u + 1]; i++) {
      long entry = g->x.order[i];
      for (long sample = 0; sample < g->n_samples; sample++) {
        const float *row =
            g->rows + (sample * g->n_documents + g->x.documents[entry]) * g->W;
        for (long w = 0; w < g->W; w++) to[w] -= g->shares[entry] * row[w];
      }
    }
  }
}

static void put_tile(const struct gradients *g, long v, long n, const float *gradient) {
  for (long i = 0; i < n; i++) {
    const float *from = gradient + i * g->W;
    float *weight = g->by_weight + (v + i) * g->F, *bias = g->by_bias + v + i;
    if (g->add) {
      for (long f = 0; f < g->F; f++) weight[f] += from[f];
      *bias += from[g->F];
    } else {
      memcpy(weight, from, g->F * sizeof(float));
      *bias = from[g->F];
    }
  }
}

static void gradient_chunk(const struct gradients *g, long c, float *tile) {
  float *p = tile, *gradient = p + TILE * BLOCK, *tile_b = gradient + TILE * g->W;
  float *tile_R = tile_b + TILE;
  long first = c * g->chunk, last = first + g->chunk < g->V ? first + g->chunk : g->V;
  for (long v = first; v < last; v += TILE) {
    long n = last - v < TILE ? last - v : TILE;
    copy_tile(g->R + v * g->F, g->b + v, n, g->F, tile_R, tile_b);
    memset(gradient, 0, TILE * g->W * sizeof(float));
    for (long d = 0; d < g->D; d += BLOCK) {
      long block = g->D - d < BLOCK ? g->D - d : BLOCK;
      for (long e = 0; e < block; e += PANEL) {
        best->probabilities(tile_R, tile_b, g->panels + (d + e) * g->F, g->log_z + d + e, g->F,
                            p + e);
        if (g->by_features)
          best->means(tile_R, p + e, g->F, g->by_features + (c * g->D + d + e) * g->F);
      }
      if (g->by_weight) best->gradient(p, g->rows + d * g->W, block, g->W, gradient);
    }
    if (g->by_weight) {
      subtract_counts(g, v, v + n, gradient);
      put_tile(g, v, n, gradient);
    }
  }
}

/* Floats in the tiles of one thread: p, the gradient, b and R, in this order. */
static long tile_size(long F, long W) { return TILE * (BLOCK + W + 1 + F); }

static float *tiles(long F, long W, long n_threads) {
  float *memory = aligned_alloc(LINE, n_threads * tile_size(F, W) * sizeof(float));
  if (!memory) PyErr_NoMemory();
  return memory;
}

static int is(const Py_buffer *array, long n, size_t size, const char *name) {
  if ((size_t)array->len == (size_t)n * size) return 1;
  PyErr_Format(PyExc_ValueError, "%s has %zd bytes where %ld items of %zu are due", name,
               array->len, n, size);
  return 0;
}

#define FLOATS(array, n) is(&array, n, sizeof(float), #array)
#define INTEGERS(array, n) is(&array, n, sizeof(int64_t), #array)

static int indices_are(const struct entries *x, long n_entries, long V, long n_documents) {
  long n = x->n_words;
  int good = x->offsets[0] == 0 && x->offsets[n] == n_entries;
  for (long u = 0; good && u < n; u++)
    good = x->words[u] >= 0 && x->words[u] < V && x->offsets[u] <= x->offsets[u + 1];
  for (long i = 0; good && i < n_entries; i++)
    good = x->order[i] >= 0 && x->order[i] < n_entries && x->documents[i] >= 0 &&
           x->documents[i] < n_documents;
  if (!good) PyErr_SetString(PyExc_ValueError, "an entry lies outside the documents or words");
  return good;
}

static PyObject *sums(PyObject *self, PyObject *args) {
  Py_buffer R, b, panels, rows, words, offsets, order, documents;
  Py_buffer totals, references, at_words;
  long n_documents, n_samples, chunk, n_threads;
  (void)self;
  if (!PyArg_ParseTuple(args, "y*y*y*y*(y*y*y*y*)w*w*w*llll", &R, &b, &panels, &rows, &words,
                        &offsets, &order, &documents, &totals, &references, &at_words,
                        &n_documents, &n_samples, &chunk, &n_threads))
    return NULL;
  long V = b.len / sizeof(float), n_entries = documents.len / sizeof(int64_t);
  long F = V ? R.len / sizeof(float) / V : 0, D = F ? panels.len / sizeof(float) / F : 0;
  long n_words = words.len / sizeof(int64_t), n_chunks = chunk > 0 ? (V + chunk - 1) / chunk : 0;
  struct entries x = {words.buf, offsets.buf, order.buf, documents.buf, n_words};
  float *tile = NULL;
  int good = chunk > 0 && chunk % TILE == 0 && n_threads > 0 && D % PANEL == 0 && n_samples * n_documents <= D;
  if (!good) PyErr_SetString(PyExc_ValueError, "chunks or panels of another size are due");
  good = good && FLOATS(R, V * F) && FLOATS(panels, D * F) &&
         FLOATS(rows, n_samples * n_documents * F) && INTEGERS(offsets, n_words + 1) &&
         INTEGERS(order, n_entries) && FLOATS(totals, n_chunks * D) &&
         FLOATS(references, n_chunks * D) && FLOATS(at_words, n_samples * n_entries) &&
         indices_are(&x, n_entries, V, n_documents);
  good = good && (tile = tiles(F, 0, n_threads));
  if (good) {
    struct sums s = {R.buf,     b.buf, panels.buf, rows.buf, x,           totals.buf, references.buf,
                     at_words.buf, V,  D,          F,        n_documents, n_entries,  n_samples,
                     chunk};
    Py_BEGIN_ALLOW_THREADS
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (long c = 0; c < n_chunks; c++)
      sum_chunk(&s, c, tile + omp_get_thread_num() * tile_size(F, 0));
    Py_END_ALLOW_THREADS
  }
  free(tile);
  Py_buffer *all[] = {&R,         &b,       &panels, &rows,       &words,   &offsets, &order,
                      &documents, &totals, &references, &at_words};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) PyBuffer_Release(all[i]);
  return good ? Py_NewRef(Py_None) : NULL;
}

static PyObject *gradients(PyObject *self, PyObject *args) {
  Py_buffer R, b, panels, log_z, rows, shares, words, offsets, order, documents;
  Py_buffer by_features, by_weight, by_bias;
  long n_documents, n_samples, chunk, n_threads;
  int add;
  (void)self;
  if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*(y*y*y*y*)w*w*w*lllpl", &R, &b, &panels, &log_z,
                        &rows, &shares, &words, &offsets, &order, &documents,
                        &by_features, &by_weight, &by_bias, &n_documents, &n_samples, &chunk,
                        &add, &n_threads))
    return NULL;
  long V = b.len / sizeof(float), D = log_z.len / sizeof(float);
  long F = V ? R.len / sizeof(float) / V : 0, W = (F + 1 + 7) / 8 * 8;
  long n_entries = documents.len / sizeof(int64_t), n_words = words.len / sizeof(int64_t);
  long n_chunks = chunk > 0 ? (V + chunk - 1) / chunk : 0;
  struct entries x = {words.buf, offsets.buf, order.buf, documents.buf, n_words};
  float *tile = NULL;
  int good = chunk > 0 && chunk % TILE == 0 && n_threads > 0 && D % PANEL == 0 && n_samples * n_documents <= D;
  if (!good) PyErr_SetString(PyExc_ValueError, "chunks or panels of another size are due");
  good = good && FLOATS(R, V * F) && FLOATS(panels, D * F) && FLOATS(rows, D * W) &&
         FLOATS(shares, n_entries) && INTEGERS(offsets, n_words + 1) &&
         INTEGERS(order, n_entries) &&
         FLOATS(by_features, by_features.len ? n_chunks * D * F : 0) &&
         FLOATS(by_weight, by_weight.len ? V * F : 0) &&
         FLOATS(by_bias, by_weight.len ? V : 0) && indices_are(&x, n_entries, V, n_documents);
  good = good && (tile = tiles(F, W, n_threads));
  if (good) {
    struct gradients g = {R.buf,
                          b.buf,
                          panels.buf,
                          log_z.buf,
                          rows.buf,
                          shares.buf,
                          x,
                          by_features.len ? by_features.buf : NULL,
                          by_weight.len ? by_weight.buf : NULL,
                          by_bias.buf,
                          V,
                          D,
                          F,
                          W,
                          n_documents,
                          n_samples,
                          chunk,
                          add};
    Py_BEGIN_ALLOW_THREADS
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (long c = 0; c < n_chunks; c++)
      gradient_chunk(&g, c, tile + omp_get_thread_num() * tile_size(F, W));
    Py_END_ALLOW_THREADS
  }
  free(tile);
  Py_buffer *all[] = {&R,     &b,         &panels,  &log_z,       &rows,      &shares, &words, &offsets,
                      &order, &documents, &by_features, &by_weight, &by_bias};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) PyBuffer_Release(all[i]);
  return good ? Py_NewRef(Py_None) : NULL;
}

static PyMethodDef methods[] = {{"sums", sums, METH_VARARGS, NULL},
                                {"gradients", gradients, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_tiles", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__tiles(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) best = &arithmetic_avx2;
#endif
  PyObject *made = PyModule_Create(&module);
  if (made) PyModule_AddIntConstant(made, "TILE", TILE);
  return made;
}
