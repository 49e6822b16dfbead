/* What the compiled kernels share: instruction sets, and arrays that come from Python. */

#ifndef TENOR_COMPILED_H
#define TENOR_COMPILED_H

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <omp.h>
#include <stdint.h>

#ifndef _OPENMP
#error "OpenMP is needed"
#endif

#define INLINE static inline __attribute__((always_inline))

/* Whether an array holds n items; sets the exception if not. */
static inline int holds(const Py_buffer *array, long n, size_t size, const char *name) {
  if ((size_t)array->len == (size_t)n * size) return 1;
  PyErr_Format(PyExc_ValueError, "%s has %zd bytes where %ld items of %zu are due", name,
               array->len, n, size);
  return 0;
}

#define HOLDS_FLOATS(array, n) holds(&array, n, sizeof(float), #array)
#define HOLDS_INTEGERS(array, n) holds(&array, n, sizeof(int64_t), #array)

/* Whether n indices lie in [0, limit). */
static inline int all_below(const int64_t *indices, long n, int64_t limit, const char *name) {
  for (long i = 0; i < n; i++)
    if (indices[i] < 0 || indices[i] >= limit) {
      PyErr_Format(PyExc_ValueError, "%s: %lld is not in [0, %lld)", name, (long long)indices[i],
                   (long long)limit);
      return 0;
    }
  return 1;
}

/* Whether n indices ascend, none twice, and lie in [0, limit). */
static inline int are_ascending(const int64_t *indices, long n, int64_t limit, const char *name) {
  for (long i = 1; i < n; i++)
    if (indices[i - 1] >= indices[i]) {
      PyErr_Format(PyExc_ValueError, "%s do not ascend", name);
      return 0;
    }
  return all_below(indices, n, limit, name);
}

/* Whether n + 1 offsets ascend from 0 to `last`. */
static inline int are_offsets(const int64_t *offsets, long n, int64_t last, const char *name) {
  int good = offsets[0] == 0 && offsets[n] == last;
  for (long i = 0; good && i < n; i++) good = offsets[i] <= offsets[i + 1];
  if (!good)
    PyErr_Format(PyExc_ValueError, "%s do not ascend from 0 to %lld", name, (long long)last);
  return good;
}

#define RELEASE(arrays)                                                                      \
  for (size_t i_ = 0; i_ < sizeof(arrays) / sizeof *(arrays); i_++)                          \
    if ((arrays)[i_].obj) PyBuffer_Release(&(arrays)[i_])

#define COUNT(array) ((long)((array).len / (Py_ssize_t)sizeof(float)))
#define COUNT_INTEGERS(array) ((long)((array).len / (Py_ssize_t)sizeof(int64_t)))

#endif
