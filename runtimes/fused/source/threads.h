// One cell on several threads: work that is divided into parts, one of them for the thread that asks.

#ifndef THREADS_H
#define THREADS_H

#include <stdint.h>

#define MOST_THREADS 64
// Fewer atoms take less time than threads that wait for each other cost.
#ifndef ATOMS_OF_A_THREAD
#define ATOMS_OF_A_THREAD 96
#endif

typedef void (*part_of_work)(const void *work, uint32_t part, uint32_t parts);

// Does all parts of the work, of 2 to MOST_THREADS, and returns when they are done.
typedef void (*side_by_side)(part_of_work of, const void *work, uint32_t parts);

#endif
