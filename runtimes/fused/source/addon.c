// The engine as a Node-API addon: the same functions, on a Float32Array of the caller's. Needs no library but Node itself,
// so that one file serves glibc and musl.

#include <node_api.h>

#include "variants.h"

// What is called of Node.
#define OF_NODE(each) \
  each(napi_throw_type_error) each(napi_get_cb_info) each(napi_get_typedarray_info) each(napi_get_value_double) \
  each(napi_create_double) each(napi_create_string_utf8) each(napi_get_value_string_utf8) each(napi_get_boolean) \
  each(napi_create_function) each(napi_set_named_property)

#if defined(_WIN32)
#include "windows.h"
#define POINTER(name) __typeof__(&name) name;
static struct { OF_NODE(POINTER) } node;
#define FIND(name) && (node.name = (__typeof__(&name))GetProcAddress(executable, #name))
// Whether all are there: a program may hide them.
static int find_node(void) {
  void *executable = GetModuleHandleA(NULL);
  return 1 OF_NODE(FIND);
}
#define NODE_API(name) node.name
#else
static int find_node(void) { return 1; }
#define NODE_API(name) name
#endif

#define MOST_ARGUMENTS 8

// The compiler makes calls of these of its own accord.
void *memset(void *to, int value, size_t count) {
  uint8_t *bytes = to;
  for (size_t n = 0; n < count; n++) bytes[n] = (uint8_t)value;
  return to;
}
void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  uint8_t *bytes = to;
  for (size_t n = 0; n < count; n++) bytes[n] = ((const uint8_t *)from)[n];
  return to;
}

static napi_value refuse(napi_env env) {
  NODE_API(napi_throw_type_error)(env, NULL, "expected a Float32Array and whole numbers");
  return NULL;
}

// A Float32Array and `count` whole numbers after it.
static int arguments(napi_env env, napi_callback_info info, size_t count, float **memory, uint64_t *size, uint64_t *numbers) {
  napi_value given[MOST_ARGUMENTS];
  size_t found = MOST_ARGUMENTS;
  napi_typedarray_type type;
  napi_value buffer;
  size_t length, offset;
  void *data;
  if (NODE_API(napi_get_cb_info)(env, info, &found, given, NULL, NULL) != napi_ok || found != count + 1) return 0;
  if (NODE_API(napi_get_typedarray_info)(env, given[0], &type, &length, &data, &buffer, &offset) != napi_ok) return 0;
  if (type != napi_float32_array) return 0;
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
    float *memory; \
    uint64_t size, n[count]; \
    if (!arguments(env, info, count, &memory, &size, n)) return refuse(env); \
    return result(env, call); \
  }

KERNEL(packed_size, 3, best()->packed_size(memory, size, n[0], n[1], n[2]))
KERNEL(pack, 6, best()->pack(memory, size, n[0], n[1], n[2], n[3], n[4], n[5]))
KERNEL(work_size, 3, best()->work_size(memory, size, n[0], n[1], n[2]))
KERNEL(forward, 5, best()->forward(memory, size, n[0], n[1], n[2], n[3], n[4]))
KERNEL(survey, 1, survey_cells(memory, size, n[0]))
KERNEL(images, 1, write_cells(memory, size, n[0]))

static napi_value variant_name(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value made;
  return NODE_API(napi_create_string_utf8)(env, best()->name, NAPI_AUTO_LENGTH, &made) == napi_ok ? made : NULL;
}

// Takes the named variant instead of the best one, if the processor has it; for tests and benchmarks.
static napi_value use_variant(napi_env env, napi_callback_info info) {
  napi_value given[1], made;
  size_t found = 1, length;
  char name[16];
  if (NODE_API(napi_get_cb_info)(env, info, &found, given, NULL, NULL) != napi_ok || found < 1) return refuse(env);
  if (NODE_API(napi_get_value_string_utf8)(env, given[0], name, sizeof name, &length) != napi_ok) return refuse(env);
  return NODE_API(napi_get_boolean)(env, choose_variant(name), &made) == napi_ok ? made : NULL;
}

NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  const struct { const char *name; napi_callback call; } functions[] = {
      {"packed_size", packed_size}, {"pack", pack}, {"work_size", work_size}, {"forward", forward},
      {"survey", survey},           {"images", images}, {"variant", variant_name}, {"use_variant", use_variant},
  };
  if (!find_node()) return NULL;
  for (size_t n = 0; n < sizeof functions / sizeof functions[0]; n++) {
    napi_value made;
    if (NODE_API(napi_create_function)(env, functions[n].name, NAPI_AUTO_LENGTH, functions[n].call, NULL, &made) != napi_ok) return NULL;
    if (NODE_API(napi_set_named_property)(env, exports, functions[n].name, made) != napi_ok) return NULL;
  }
  return exports;
}

NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1(void) { return 8; }
