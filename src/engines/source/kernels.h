// All kernels.

#include "basis.h"
#include "densities.h"
#include "image_frames.h"
#include "matmul.h"
#include "optimiser.h"
#include "profile.h"
#include "rows.h"
#include "training.h"
#include "values.h"
#include "weights.h"
