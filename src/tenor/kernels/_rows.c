/* Adam on some rows of a matrix, in place and in one pass over them, as adam_rows.py calls it.

   A row is one thread's, so the result does not depend on how many there are.
   The loops are plain; compilers make vectors of them, and they wait for memory anyway. */

#include "compiled.h"
#include <math.h>

/* The rows of a matrix with their moments. */
struct rows {
  float *values, *first, *second;
  const int64_t *numbers;
  long n, width;
};

static void update_row(float *restrict w, float *restrict m, float *restrict v,
                       const float *restrict g, long n, double beta1, double beta2, float rate,
                       float root, float epsilon, float scale) {
  /* 1 − 0.999 has four good digits in float32, so it is not made there */
  const float gain1 = 1 - beta1, gain2 = 1 - beta2, keep2 = beta2;
  for (long i = 0; i < n; i++) {
    float slope = scale * g[i];
    m[i] += gain1 * (slope - m[i]);
    v[i] = keep2 * v[i] + gain2 * slope * slope;
    w[i] -= rate * m[i] / (sqrtf(v[i]) / root + epsilon);
  }
}

/* places and weights: of this row, one for each of the nodes. */
static void pay_row(float *restrict w, float *restrict m, float *restrict v, long n,
                    const float *places, const float *weights, long n_nodes, float fade1,
                    float fade2, float epsilon) {
  const float place = places[0], weight = weights[0];
  const float other_place = n_nodes > 1 ? places[1] : 1, other = n_nodes > 1 ? weights[1] : 0;
  for (long i = 0; i < n; i++) {
    float root = sqrtf(v[i]);
    w[i] -= m[i] * (weight / (root * place + epsilon) + other / (root * other_place + epsilon));
    m[i] *= fade1;
    v[i] *= fade2;
  }
}

static int good_rows(const Py_buffer *values, const Py_buffer *first, const Py_buffer *second,
                     const Py_buffer *numbers, long width, long n_threads, struct rows *rows) {
  long n_values = COUNT(*values), n = COUNT_INTEGERS(*numbers);
  if (width < 1 || n_values % width || n_threads < 1) {
    PyErr_SetString(PyExc_ValueError, "rows of another width, or a thread, are due");
    return 0;
  }
  *rows = (struct rows){values->buf, first->buf, second->buf, numbers->buf, n, width};
  return holds(first, n_values, sizeof(float), "first") &&
         holds(second, n_values, sizeof(float), "second") &&
         all_below(numbers->buf, n, n_values / width, "numbers");
}

static PyObject *update(PyObject *self, PyObject *args) {
  Py_buffer values, first, second, numbers, slopes;
  double beta1, beta2;
  float rate, root, epsilon, scale;
  long width, n_threads;
  struct rows x;
  (void)self;
  if (!PyArg_ParseTuple(args, "w*w*w*y*y*ddffffll", &values, &first, &second, &numbers, &slopes,
                        &beta1, &beta2, &rate, &root, &epsilon, &scale, &width, &n_threads))
    return NULL;
  int good = good_rows(&values, &first, &second, &numbers, width, n_threads, &x) &&
             HOLDS_FLOATS(slopes, x.n * width);
  if (good) {
    const float *g = slopes.buf;
    Py_BEGIN_ALLOW_THREADS
#pragma omp parallel for num_threads(n_threads)
    for (long r = 0; r < x.n; r++) {
      long at = x.numbers[r] * width;
      update_row(x.values + at, x.first + at, x.second + at, g + r * width, width, beta1, beta2,
                 rate, root, epsilon, scale);
    }
    Py_END_ALLOW_THREADS
  }
  Py_buffer all[] = {values, first, second, numbers, slopes};
  RELEASE(all);
  return good ? Py_NewRef(Py_None) : NULL;
}

static PyObject *pay(PyObject *self, PyObject *args) {
  Py_buffer values, first, second, numbers, places, weights, fades1, fades2;
  float epsilon;
  long width, n_threads;
  struct rows x;
  (void)self;
  if (!PyArg_ParseTuple(args, "w*w*w*y*y*y*y*y*fll", &values, &first, &second, &numbers, &places,
                        &weights, &fades1, &fades2, &epsilon, &width, &n_threads))
    return NULL;
  int good = good_rows(&values, &first, &second, &numbers, width, n_threads, &x);
  long nodes = good && x.n ? COUNT(places) / x.n : 1;
  good = good && HOLDS_FLOATS(places, x.n * nodes) && HOLDS_FLOATS(weights, x.n * nodes) &&
         HOLDS_FLOATS(fades1, x.n) && HOLDS_FLOATS(fades2, x.n);
  if (good && (nodes < 1 || nodes > 2)) {
    PyErr_SetString(PyExc_ValueError, "one or two nodes a row are due");
    good = 0;
  }
  if (good) {
    const float *p = places.buf, *q = weights.buf, *fade1 = fades1.buf, *fade2 = fades2.buf;
    Py_BEGIN_ALLOW_THREADS
#pragma omp parallel for num_threads(n_threads)
    for (long r = 0; r < x.n; r++) {
      long at = x.numbers[r] * width;
      pay_row(x.values + at, x.first + at, x.second + at, width, p + r * nodes, q + r * nodes,
              nodes, fade1[r], fade2[r], epsilon);
    }
    Py_END_ALLOW_THREADS
  }
  Py_buffer all[] = {values, first, second, numbers, places, weights, fades1, fades2};
  RELEASE(all);
  return good ? Py_NewRef(Py_None) : NULL;
}

static PyMethodDef methods[] = {{"update", update, METH_VARARGS, NULL},
                                {"pay", pay, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_rows", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__rows(void) { return PyModule_Create(&module); }
