// The engine as a Node-API addon: the same functions, on a Float32Array of the caller's, or a Float64Array.

#include "node.h"
#include "side-by-side.h"
#include "variants.h"

#define MOST_ARGUMENTS 8
#ifdef DOUBLE
#define ARRAY napi_float64_array
#define EXPECTED "expected a Float64Array and whole numbers"
#else
#define ARRAY napi_float32_array
#define EXPECTED "expected a Float32Array and whole numbers"
#endif

// An array of numbers and `count` whole numbers after it.
static int arguments(napi_env env, napi_callback_info info, size_t count, real **memory, uint64_t *size, uint64_t *numbers) {
  napi_value given[MOST_ARGUMENTS];
  size_t found = MOST_ARGUMENTS;
  napi_typedarray_type type;
  napi_value buffer;
  size_t length, offset;
  void *data;
  if (NODE_API(napi_get_cb_info)(env, info, &found, given, NULL, NULL) != napi_ok || found != count + 1) return 0;
  if (NODE_API(napi_get_typedarray_info)(env, given[0], &type, &length, &data, &buffer, &offset) != napi_ok) return 0;
  if (type != ARRAY) return 0;
  *memory = data;
  *size = length;
  for (size_t n = 0; n < count; n++) {
    double number;
    if (NODE_API(napi_get_value_double)(env, given[n + 1], &number) != napi_ok) return 0;
    if (!(number >= 0 && number < 9007199254740992.0)) return 0;
    numbers[n] = (uint64_t)number;
  }
  return 1;
}

static napi_value result(napi_env env, int64_t value) {
  napi_value made;
  return NODE_API(napi_create_double)(env, (double)value, &made) == napi_ok ? made : NULL;
}

// A kernel of the same name for other languages: the memory, its size, and `count` numbers n.
#define KERNEL(name, count, call) \
  static napi_value name(napi_env env, napi_callback_info info) { \
    real *memory; \
    uint64_t size, n[count]; \
    if (!arguments(env, info, count, &memory, &size, n)) return refuse(env, EXPECTED); \
    return result(env, call); \
  }

KERNEL(packed_size, 3, best()->packed_size(memory, size, n[0], n[1], n[2]))
KERNEL(pack, 6, best()->pack(memory, size, n[0], n[1], n[2], n[3], n[4], n[5]))
KERNEL(work_size, 4, best()->work_size(memory, size, n[0], n[1], n[2], n[3]))
KERNEL(forward, 6, best()->forward(memory, size, n[0], n[1], n[2], n[3], n[4], n[5], side_by_side_on_threads))
KERNEL(survey, 1, survey_cells(memory, size, n[0]))
KERNEL(images, 1, write_cells(memory, size, n[0]))

NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  const struct { const char *name; napi_callback call; } functions[] = {
      {"packed_size", packed_size}, {"pack", pack},     {"work_size", work_size},
      {"forward", forward},         {"survey", survey}, {"images", images},
  };
  if (!find_node() || !export_variants(env, exports)) return NULL;
  for (size_t n = 0; n < sizeof functions / sizeof functions[0]; n++) {
    if (!export_function(env, exports, functions[n].name, functions[n].call, NULL)) return NULL;
  }
  return exports;
}
