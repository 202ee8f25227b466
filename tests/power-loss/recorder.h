/* The log of what a process does to the files of one directory. See README.md for its format. */

#ifndef RECORDER_H
#define RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Only what replaces the C library's functions is visible to the program. */
#pragma GCC visibility push(hidden)

enum kind {
    CREATE = 1,
    WRITE,
    TRUNCATE,
    FILE_SYNC_BEGINS,
    FILE_SYNC_ENDS,
    DIRECTORY_SYNC_BEGINS,
    DIRECTORY_SYNC_ENDS,
    NAMES,
    UNSUPPORTED,
};

/* Calls between these two are in the log in the order of their effects, also those of other processes. The second sets
 * `errno`, which the records between may have changed. */
void begin_call(void);
void end_call(int error);

/* Appends a record. Only between `begin_call` and `end_call`. */
void append(enum kind kind, uint64_t file, uint64_t number, const struct iovec *parts, int count, size_t length);

/* Appends a record without data. */
void append_plain(enum kind kind, uint64_t file, uint64_t number);

/* Appends the names of all files in the directory and in those below it. */
void append_names(void);

/* Appends that a call is not recorded, so that no image can be made of the log. */
void append_unsupported(const char *call);

/* The number of a sync, which no other of any process has. */
uint64_t next_sync(void);

/* The path of an open file below the directory, "" for the directory itself; NULL if it is elsewhere. */
const char *path_below(int fd, char *buffer, size_t size);

/* Whether the name is that of shared memory, which no image contains: SQLite makes it anew. */
bool is_shared_memory(const char *path);

#pragma GCC visibility pop

#endif
