/* softmax_nll on a CPU, as tiled.py calls it. Arrays are float32 or int64 in C order. */

#include "passes.h"
#include <stdlib.h>

enum { N_INPUTS = 9, MOST_ROOMS = 5, LINE = 64 };
/* R, b, h; offsets, counts, documents; different words, their offsets, order. Not as
   tuples: Python has room to clean up after the arrays of the outermost level only. */
#define INPUTS "y*y*y*y*y*y*y*y*y*"

/* The inputs as a problem; sets the exception where they do not fit together. */
static int good_problem(const Py_buffer in[N_INPUTS], long n_samples, long n_threads,
                        struct problem *x) {
  const Py_buffer weight = in[0], bias = in[1], features = in[2];
  const Py_buffer offsets = in[3], counts = in[4], documents = in[5];
  const Py_buffer different = in[6], word_offsets = in[7], order = in[8];
  long V = COUNT(bias), F = V ? COUNT(weight) / V : 0, B = COUNT_INTEGERS(offsets) - 1;
  long nnz = COUNT_INTEGERS(documents), n_different = COUNT_INTEGERS(different);
  if (V < 1 || F < 1 || B < 1 || n_samples < 1 || n_threads < 1) {
    PyErr_SetString(PyExc_ValueError, "words, features, documents, samples and threads are due");
    return 0;
  }
  if (!HOLDS_FLOATS(weight, V * F) || !HOLDS_FLOATS(features, n_samples * B * F) ||
      !HOLDS_FLOATS(counts, nnz) ||
      !HOLDS_INTEGERS(word_offsets, n_different + 1) || !HOLDS_INTEGERS(order, nnz) ||
      !are_offsets(offsets.buf, B, nnz, "offsets") ||
      !are_offsets(word_offsets.buf, n_different, nnz, "word_offsets") ||
      !all_below(documents.buf, nnz, B, "documents") ||
      !are_ascending(different.buf, n_different, V, "different") ||
      !all_below(order.buf, nnz, nnz, "order"))
    return 0;
  long rows = n_samples * B, chunk = (V + MOST_CHUNKS * TILE - 1) / (MOST_CHUNKS * TILE) * TILE;
  *x = (struct problem){
      .R = weight.buf, .b = bias.buf, .features = features.buf, .counts = counts.buf,
      .offsets = offsets.buf, .documents = documents.buf,
      .different = different.buf, .word_offsets = word_offsets.buf, .order = order.buf,
      .V = V, .F = F, .B = B, .S = n_samples, .nnz = nnz, .n_different = n_different,
      .rows = rows, .D = (rows + PANEL - 1) / PANEL * PANEL,
      .chunk = chunk, .n_chunks = (V + chunk - 1) / chunk, .n_threads = (int)n_threads,
  };
  return 1;
}

/* Memory of so many floats each, or none and the exception. */
static int make_rooms(const long sizes[MOST_ROOMS], float *rooms[MOST_ROOMS]) {
  for (int i = 0; i < MOST_ROOMS; i++) {
    size_t bytes = (sizes[i] * sizeof(float) + LINE) / LINE * LINE;
    if ((rooms[i] = aligned_alloc(LINE, bytes))) continue;
    while (i-- > 0) free(rooms[i]);
    PyErr_NoMemory();
    return 0;
  }
  return 1;
}

static void free_rooms(float *rooms[MOST_ROOMS]) {
  for (int i = 0; i < MOST_ROOMS; i++) free(rooms[i]);
}

static PyObject *py_forward(PyObject *self, PyObject *args) {
  Py_buffer in[N_INPUTS] = {{0}}, out[2] = {{0}};
  long n_samples, n_threads;
  struct problem x;
  float *rooms[MOST_ROOMS];
  (void)self;
  int good = PyArg_ParseTuple(args, INPUTS "w*w*ll", &in[0], &in[1], &in[2], &in[3], &in[4],
                              &in[5], &in[6], &in[7], &in[8], &out[0], &out[1],
                              &n_samples, &n_threads);
  if (!good) return NULL; /* the arrays are released */
  const Py_buffer log_z = out[0], nll = out[1];
  good = good_problem(in, n_samples, n_threads, &x) && HOLDS_FLOATS(log_z, x.D) &&
         HOLDS_FLOATS(nll, x.rows);
  if (good) {
    const long sizes[MOST_ROOMS] = {x.D * x.F, x.n_chunks * x.D, x.n_chunks * x.D, x.S * x.nnz,
                                    n_threads * TILE * (1 + x.F)};
    good = make_rooms(sizes, rooms);
  }
  if (good) {
    struct forward s = {rooms[0], rooms[1], rooms[2], rooms[3], rooms[4]};
    Py_BEGIN_ALLOW_THREADS
    forward(&x, &s, log_z.buf, nll.buf);
    Py_END_ALLOW_THREADS
    free_rooms(rooms);
  }
  RELEASE(in);
  RELEASE(out);
  return good ? Py_NewRef(Py_None) : NULL;
}

static PyObject *py_backward(PyObject *self, PyObject *args) {
  Py_buffer in[N_INPUTS] = {{0}}, also[2] = {{0}}, out[3] = {{0}};
  long n_samples, n_threads;
  int add;
  struct problem x;
  float *rooms[MOST_ROOMS];
  (void)self;
  int good = PyArg_ParseTuple(args, INPUTS "y*y*w*w*w*pll", &in[0], &in[1], &in[2], &in[3],
                              &in[4], &in[5], &in[6], &in[7], &in[8], &also[0], &also[1],
                              &out[0], &out[1], &out[2], &add, &n_samples, &n_threads);
  if (!good) return NULL;
  const Py_buffer log_z = also[0], upstream = also[1];
  const Py_buffer by_features = out[0], by_weight = out[1], by_bias = out[2];
  int for_features = by_features.len > 0, for_decoder = by_weight.len > 0;
  good = good_problem(in, n_samples, n_threads, &x) && HOLDS_FLOATS(log_z, x.D) &&
         HOLDS_FLOATS(upstream, x.rows) &&
         HOLDS_FLOATS(by_features, for_features ? x.rows * x.F : 0) &&
         HOLDS_FLOATS(by_weight, for_decoder ? x.V * x.F : 0) &&
         HOLDS_FLOATS(by_bias, for_decoder ? x.V : 0);
  struct backward s = {
      .log_z = log_z.buf, .upstream = upstream.buf,
      .by_features = for_features ? by_features.buf : NULL,
      .by_weight = for_decoder ? by_weight.buf : NULL, .by_bias = by_bias.buf, .add = add,
  };
  if (good) {
    s.W = (x.F + 1 + HALF - 1) / HALF * HALF;
    const long sizes[MOST_ROOMS] = {x.D * x.F, x.D * s.W, x.B,
                                    for_features ? x.n_chunks * x.D * x.F : 0,
                                    n_threads * tile_size(&x, &s)};
    good = make_rooms(sizes, rooms);
  }
  if (good) {
    s.panels = rooms[0], s.rows = rooms[1], s.lengths = rooms[2], s.means = rooms[3];
    s.tiles = rooms[4];
    Py_BEGIN_ALLOW_THREADS
    backward(&x, &s);
    Py_END_ALLOW_THREADS
    free_rooms(rooms);
  }
  RELEASE(in);
  RELEASE(also);
  RELEASE(out);
  return good ? Py_NewRef(Py_None) : NULL;
}

/* For tests: what processors without AVX2 do. */
static PyObject *py_only_plain(PyObject *self, PyObject *args) {
  int only;
  (void)self;
  if (!PyArg_ParseTuple(args, "p", &only)) return NULL;
  choose_arithmetic(only);
  return Py_NewRef(Py_None);
}

static PyMethodDef methods[] = {{"forward", py_forward, METH_VARARGS, NULL},
                                {"backward", py_backward, METH_VARARGS, NULL},
                                {"only_plain", py_only_plain, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_tiles", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__tiles(void) {
  choose_arithmetic(0);
  PyObject *made = PyModule_Create(&module);
  if (made && PyModule_AddIntConstant(made, "PANEL", PANEL) < 0) Py_CLEAR(made);
  return made;
}
