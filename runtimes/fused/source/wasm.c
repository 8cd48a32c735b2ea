// The engine as a WebAssembly module with a memory of its own, which its caller fills from `free_word` on.

#define VARIANT wasm
#include "forward.c"
#include "tables.c"

#define EXPORT(name) __attribute__((export_name(name)))

extern uint8_t __heap_base;

static uint64_t words_of_memory(void) { return (uint64_t)__builtin_wasm_memory_size(0) * (65536 / sizeof(word)); }

// The memory begins at address 0, a place like any other here: compiled with -fno-delete-null-pointer-checks.
static real *memory(void) { return (real *)0; }

EXPORT("free_word") uint32_t free_word(void) { return (uint32_t)(((uintptr_t)&__heap_base + 63) / 64 * (64 / sizeof(word))); }

EXPORT("packed_size") int32_t packed_size(uint32_t words, uint32_t count, uint32_t given) {
  return (int32_t)packed_size_wasm(memory(), words_of_memory(), words, count, given);
}

EXPORT("pack")
int32_t pack_weights(uint32_t words, uint32_t count, uint32_t weights, uint32_t given, uint32_t packed, uint32_t size) {
  return (int32_t)pack_wasm(memory(), words_of_memory(), words, count, weights, given, packed, size);
}

EXPORT("work_size") int32_t work_size(uint32_t packed, uint32_t size, uint32_t words) {
  const int64_t needed = work_size_wasm(memory(), words_of_memory(), packed, size, words, 1);
  return needed > INT32_MAX ? TOO_LITTLE_MEMORY : (int32_t)needed;
}

EXPORT("forward")
int32_t forward(uint32_t packed, uint32_t size, uint32_t words, uint32_t work, uint32_t room) {
  return (int32_t)forward_wasm(memory(), words_of_memory(), packed, size, words, work, room, 1, NULL);
}

EXPORT("survey") int32_t survey(uint32_t words) { return (int32_t)survey_cells(memory(), words_of_memory(), words); }

EXPORT("images") int32_t images(uint32_t words) { return (int32_t)write_cells(memory(), words_of_memory(), words); }
