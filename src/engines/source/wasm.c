// The kernels as a WebAssembly module on the memory of a heap, which is another's: no constants of this module are in it,
// and its caller sets __stack_pointer to the end of a place that is kept for its stack.

#include "kernels.h"

// The memory begins at address 0, a place like any other here: compiled with -fno-delete-null-pointer-checks.
#define EXPORT(name) \
  __attribute__((export_name(#name))) double exported_##name( \
      double a, double b, double c, double d, double e, double f, double g, double h, double i, double j, double k, double l, \
      double m, double n, double o, double p, double q, double r, double s, double t, double u, double v, double w, double x) { \
    const double given[MOST_ARGUMENTS] = {a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x}; \
    arguments all = {(uint8_t *)0, given}; \
    return name(&all); \
  }

KERNELS(EXPORT)
