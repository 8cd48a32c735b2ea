// The kernels of training, compiled once for every kind of processor, with VARIANT as the ending of the name of their list.

#include "kernels.h"

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)

#define DEFINE(name) \
  static double own_##name(arguments *given) { return name(given); }
#define OWN(name) own_##name,

KERNELS(DEFINE)
kernel *const JOIN(kernels, VARIANT)[KERNEL_COUNT] = {KERNELS(OWN)};
