// The kernels as an addon of Node, on a heap that is the memory of WebAssembly, or any ArrayBuffer.

#include "node.h"
#include "training.h"

#define DECLARE(kind) extern kernel *const kernels_##kind[KERNEL_COUNT];
#define LIST(kind) kernels_##kind,

KINDS(DECLARE)
static kernel *const *const LISTS[] = {KINDS(LIST)};

#define NAME(name) #name,
static const char *const NAMES[KERNEL_COUNT] = {KERNELS(NAME)};

// The heap, then what the kernel takes.
static napi_value call(napi_env env, napi_callback_info info) {
  static const char *const EXPECTED = "expected an ArrayBuffer and numbers";
  napi_value given[1 + MOST_ARGUMENTS], made;
  size_t found = 1 + MOST_ARGUMENTS, size;
  double numbers[MOST_ARGUMENTS];
  void *heap, *number;
  if (NODE_API(napi_get_cb_info)(env, info, &found, given, NULL, &number) != napi_ok) return refuse(env, EXPECTED);
  if (found < 1 || found > 1 + MOST_ARGUMENTS) return refuse(env, EXPECTED);
  if (NODE_API(napi_get_arraybuffer_info)(env, given[0], &heap, &size) != napi_ok) return refuse(env, EXPECTED);
  for (size_t n = 1; n < found; n++) {
    if (NODE_API(napi_get_value_double)(env, given[n], &numbers[n - 1]) != napi_ok) return refuse(env, EXPECTED);
  }
  arguments all = {heap, numbers};
  const double result = LISTS[used_kind()][(uintptr_t)number](&all);
  return NODE_API(napi_create_double)(env, result, &made) == napi_ok ? made : NULL;
}

NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  if (!find_node() || !export_variants(env, exports)) return NULL;
  for (uintptr_t n = 0; n < KERNEL_COUNT; n++) {
    if (!export_function(env, exports, NAMES[n], call, (void *)n)) return NULL;
  }
  return exports;
}
