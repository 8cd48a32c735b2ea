// The kernels of training, by the names that JavaScript calls them by. Each reads its arguments one after the other, as its
// comment lists them: numbers, inputs, → outputs, and where it says so floats to work in.

#ifndef TRAINING_H
#define TRAINING_H

#include "arguments.h"

#define KERNELS(each) \
  each(adam_w) each(densities_backward) each(densities_forward) each(gather_rows) each(image_frames) each(matmul) \
  each(profile_backward) each(profile_forward) each(radial_basis) each(scatter_add_rows) each(sum_of_squares) \
  each(sum_rows) each(values_backward) each(values_forward) each(weights_backward) each(weights_forward)

typedef double kernel(arguments *given);

#define NUMBER(name) KERNEL_##name,
enum { KERNELS(NUMBER) KERNEL_COUNT };

#endif
