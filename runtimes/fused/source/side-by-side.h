// Threads of the system, started for every piece of work: a cell of a hundred atoms takes a hundred times as long as a start.

#ifndef SIDE_BY_SIDE_H
#define SIDE_BY_SIDE_H

#include "threads.h"

typedef struct {
  part_of_work of;
  const void *work;
  uint32_t part, parts;
} share;

#if defined(_WIN32)
typedef void *thread;
static unsigned long __stdcall do_share(void *given) {
  const share *own = given;
  own->of(own->work, own->part, own->parts);
  return 0;
}
static int start_thread(thread *to, share *own) { return (*to = CreateThread(0, 0, do_share, own, 0, 0)) != 0; }
static void join_thread(thread one) {
  WaitForSingleObject(one, 0xffffffff);
  CloseHandle(one);
}
#else
// Of the C library that the process has, whichever it is: a pthread_t is a word in all of them.
typedef uintptr_t thread;
extern int pthread_create(thread *to, const void *attributes, void *(*start)(void *), void *given);
extern int pthread_join(thread one, void **result);
static void *do_share(void *given) {
  const share *own = given;
  own->of(own->work, own->part, own->parts);
  return 0;
}
static int start_thread(thread *to, share *own) { return pthread_create(to, 0, do_share, own) == 0; }
static void join_thread(thread one) { pthread_join(one, 0); }
#endif

// A part for which there is no thread is done by the one that asks.
static void side_by_side_on_threads(part_of_work of, const void *work, uint32_t parts) {
  share shares[MOST_THREADS];
  thread threads[MOST_THREADS];
  int started[MOST_THREADS];
  for (uint32_t n = 1; n < parts; n++) {
    shares[n] = (share){of, work, n, parts};
    started[n] = start_thread(&threads[n], &shares[n]);
  }
  of(work, 0, parts);
  for (uint32_t n = 1; n < parts; n++) {
    if (started[n]) join_thread(threads[n]);
    else of(work, n, parts);
  }
}

#endif
