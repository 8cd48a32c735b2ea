// An addon of Node: what it calls of Node-API, and what every addon exports. Needs no library but Node itself, so that one
// file serves glibc and musl.

#ifndef NODE_H
#define NODE_H

#include <node_api.h>

#include "processor.h"

// What is called of Node.
#define OF_NODE(each) \
  each(napi_throw_type_error) each(napi_get_cb_info) each(napi_get_typedarray_info) \
  each(napi_get_arraybuffer_info) each(napi_get_value_double) each(napi_create_double) each(napi_create_string_utf8) \
  each(napi_get_value_string_utf8) each(napi_get_boolean) each(napi_create_function) each(napi_set_named_property)

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

static napi_value refuse(napi_env env, const char *expected) {
  NODE_API(napi_throw_type_error)(env, NULL, expected);
  return NULL;
}

static napi_value variant_name(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value made;
  return NODE_API(napi_create_string_utf8)(env, KIND_NAMES[used_kind()], NAPI_AUTO_LENGTH, &made) == napi_ok ? made : NULL;
}

// Takes the named variant instead of the best one, if the processor has it; for tests and benchmarks.
static napi_value use_variant(napi_env env, napi_callback_info info) {
  napi_value given[1], made;
  size_t found = 1, length;
  char name[16];
  if (NODE_API(napi_get_cb_info)(env, info, &found, given, NULL, NULL) != napi_ok || found < 1) return refuse(env, "expected a name");
  if (NODE_API(napi_get_value_string_utf8)(env, given[0], name, sizeof name, &length) != napi_ok) return refuse(env, "expected a name");
  return NODE_API(napi_get_boolean)(env, use_kind(name), &made) == napi_ok ? made : NULL;
}

// Exports a function under a name; what it is called with comes with `data`.
static int export_function(napi_env env, napi_value exports, const char *name, napi_callback call, void *data) {
  napi_value made;
  return NODE_API(napi_create_function)(env, name, NAPI_AUTO_LENGTH, call, data, &made) == napi_ok &&
         NODE_API(napi_set_named_property)(env, exports, name, made) == napi_ok;
}

static int export_variants(napi_env env, napi_value exports) {
  return export_function(env, exports, "variant", variant_name, NULL) &&
         export_function(env, exports, "use_variant", use_variant, NULL);
}

NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1(void) { return 8; }

#endif
