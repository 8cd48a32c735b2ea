// What a library of Windows needs that is built without its C runtime, and Node's functions, which its executable
// exports whatever it is called.

#ifndef WINDOWS_H
#define WINDOWS_H

__declspec(dllimport) void *GetModuleHandleA(const char *name);
__declspec(dllimport) void *GetProcAddress(void *module, const char *name);
__declspec(dllimport) void *CreateThread(void *security, uintptr_t stack, unsigned long(__stdcall *start)(void *), void *given,
                                         unsigned long flags, unsigned long *id);
__declspec(dllimport) unsigned long WaitForSingleObject(void *one, unsigned long milliseconds);
__declspec(dllimport) int CloseHandle(void *one);

int __stdcall DllMainCRTStartup(void *module, uint32_t reason, void *reserved) {
  (void)module, (void)reason, (void)reserved;
  return 1;
}

// A stack grows by the page behind its last one alone: functions with more than a page of variables call this to touch
// page after page, with the size in rax, or in x15 in 16 bytes. All other registers but x16 and x17 are the caller's.
#if defined(__x86_64__)
__asm__(
    ".globl ___chkstk_ms\n"
    "___chkstk_ms:\n"
    "  pushq %rcx\n"
    "  pushq %rax\n"
    "  leaq 24(%rsp), %rcx\n"
    "1: cmpq $4096, %rax\n"
    "  jbe 2f\n"
    "  subq $4096, %rcx\n"
    "  orq $0, (%rcx)\n"
    "  subq $4096, %rax\n"
    "  jmp 1b\n"
    "2: subq %rax, %rcx\n"
    "  orq $0, (%rcx)\n"
    "  popq %rax\n"
    "  popq %rcx\n"
    "  retq\n");
#else
__asm__(
    ".globl __chkstk\n"
    "__chkstk:\n"
    "  lsl x16, x15, #4\n"
    "  mov x17, sp\n"
    "1: sub x17, x17, #4096\n"
    "  subs x16, x16, #4096\n"
    "  ldr xzr, [x17]\n"
    "  b.gt 1b\n"
    "  ret\n");
#endif

#endif
