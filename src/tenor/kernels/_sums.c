/* Weighted sums of rows of a matrix, run by run, as weighted_rows.py calls it.

   A run is one thread's and its rows are added in the order they come, so the result does not
   depend on how many threads there are. */

#include "compiled.h"
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__gnu_linux__)
#define ALSO_AVX2 __attribute__((target_clones("avx2", "default")))
#else
#define ALSO_AVX2
#endif

enum { TOGETHER = 4, RUNS = 8, LINE = 16 };

/* The entries of run r are order[offsets[r]] …; their sum goes to row at[r] of `out`. */
struct sums {
  const float *matrix, *values;
  const int64_t *rows, *order, *offsets, *at;
  float *out;
  long n_runs, n_out, width;
};

/* y += a0 x0 + … + a3 x3, from the left, while the next four rows are on their way. */
ALSO_AVX2 static void add_four(float *restrict y, const float *const *x, const float *a,
                               const float *const *next, long n) {
  const float *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];
  const float a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];
  long i = 0;
  for (; i + LINE <= n; i += LINE) {
    for (int j = 0; j < TOGETHER; j++) __builtin_prefetch(next[j] + i);
    for (long k = i; k < i + LINE; k++)
      y[k] = y[k] + a0 * x0[k] + a1 * x1[k] + a2 * x2[k] + a3 * x3[k];
  }
  for (; i < n; i++) y[i] = y[i] + a0 * x0[i] + a1 * x1[i] + a2 * x2[i] + a3 * x3[i];
}

ALSO_AVX2 static void add_one(float *restrict y, const float *x, float a, long n) {
  for (long i = 0; i < n; i++) y[i] += a * x[i];
}

/* The row of the entry at place i of the order. */
static const float *row_at(const struct sums *s, long i) {
  return s->matrix + s->rows[s->order[i]] * s->width;
}

static void sum_run(const struct sums *s, long run, float *to) {
  long i = s->offsets[run], end = s->offsets[run + 1], last = s->offsets[s->n_runs] - 1;
  memset(to, 0, s->width * sizeof(float));
  for (; i + TOGETHER <= end; i += TOGETHER) {
    const float *x[TOGETHER], *next[TOGETHER];
    float a[TOGETHER];
    for (int j = 0; j < TOGETHER; j++) {
      long later = i + j + TOGETHER;
      x[j] = row_at(s, i + j), next[j] = row_at(s, later < last ? later : last);
      a[j] = s->values[s->order[i + j]];
    }
    add_four(to, x, a, next, s->width);
  }
  for (; i < end; i++) add_one(to, row_at(s, i), s->values[s->order[i]], s->width);
}

static void zero_rows(const struct sums *s, long from, long to) {
  if (from < to) memset(s->out + from * s->width, 0, (to - from) * s->width * sizeof(float));
}

static void fill(const struct sums *s, int n_threads) {
#pragma omp parallel for schedule(dynamic, RUNS) num_threads(n_threads)
  for (long run = 0; run < s->n_runs; run++) {
    zero_rows(s, run ? s->at[run - 1] + 1 : 0, s->at[run]);
    sum_run(s, run, s->out + s->at[run] * s->width);
  }
  zero_rows(s, s->n_runs ? s->at[s->n_runs - 1] + 1 : 0, s->n_out);
}

static PyObject *by_run(PyObject *self, PyObject *args) {
  Py_buffer matrix, rows, order, values, offsets, at, out;
  long width, n_threads;
  (void)self;
  if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*w*ll", &matrix, &rows, &order, &values, &offsets, &at,
                        &out, &width, &n_threads))
    return NULL;
  long n = COUNT_INTEGERS(rows), n_runs = COUNT_INTEGERS(at);
  int good = width > 0 && n_threads > 0 && !(COUNT(matrix) % width) && !(COUNT(out) % width);
  if (!good) PyErr_SetString(PyExc_ValueError, "rows of another width, or a thread, are due");
  long n_out = good ? COUNT(out) / width : 0;
  good = good && HOLDS_FLOATS(values, n) && HOLDS_INTEGERS(order, n) &&
         HOLDS_INTEGERS(offsets, n_runs + 1) && are_offsets(offsets.buf, n_runs, n, "offsets") &&
         all_below(rows.buf, n, COUNT(matrix) / width, "rows") &&
         all_below(order.buf, n, n, "order") && are_ascending(at.buf, n_runs, n_out, "at");
  if (good) {
    const struct sums s = {matrix.buf, values.buf, rows.buf, order.buf, offsets.buf,
                           at.buf,     out.buf,    n_runs,   n_out,     width};
    Py_BEGIN_ALLOW_THREADS
    fill(&s, n_threads);
    Py_END_ALLOW_THREADS
  }
  Py_buffer all[] = {matrix, rows, order, values, offsets, at, out};
  RELEASE(all);
  return good ? Py_NewRef(Py_None) : NULL;
}

static PyMethodDef methods[] = {{"by_run", by_run, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_sums", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__sums(void) { return PyModule_Create(&module); }
