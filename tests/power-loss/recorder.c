/* Replaces the functions of the C library that change files. Each makes the system call itself, so that nothing has to be
 * looked up in a library, which may not be loaded yet. */

#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#define _GNU_SOURCE

#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_FILES 65536

/* The inode of the recorded file that each descriptor has open; 0 for any other. */
static _Atomic uint64_t files[MAX_FILES];

static uint64_t file_of(int fd) {
    return fd >= 0 && fd < MAX_FILES ? files[fd] : 0;
}

static void set_file(int fd, uint64_t file) {
    if (fd >= 0 && fd < MAX_FILES) {
        files[fd] = file;
    } else if (file != 0) {
        append_unsupported("a descriptor above 65535");
    }
}

static int open_file(int directory, const char *path, int flags, mode_t mode) {
    char buffer[PATH_MAX];
    struct stat status;
    begin_call();
    bool is_new = (flags & O_CREAT) != 0 && fstatat(directory, path, &status, 0) != 0;
    int fd = (int)syscall(SYS_openat, directory, path, flags, mode);
    int error = errno;
    if (fd >= 0) {
        const char *below = path_below(fd, buffer, sizeof buffer);
        bool is_recorded = below != NULL && (flags & O_PATH) == 0 && !is_shared_memory(below) &&
                           fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
        set_file(fd, is_recorded ? status.st_ino : 0);
        if (is_recorded && is_new) {
            struct iovec part = {.iov_base = (void *)below, .iov_len = strlen(below)};
            append(CREATE, status.st_ino, 0, &part, 1, part.iov_len);
            append_names();
        } else if (is_recorded && (flags & O_TRUNC) != 0) {
            append_plain(TRUNCATE, status.st_ino, 0);
        }
    }
    end_call(error);
    return fd;
}

#define OPEN(name, parameters, directory)                                                                              \
    int name parameters {                                                                                              \
        mode_t mode = 0;                                                                                               \
        if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {                                              \
            va_list rest;                                                                                              \
            va_start(rest, flags);                                                                                     \
            mode = va_arg(rest, mode_t);                                                                               \
            va_end(rest);                                                                                              \
        }                                                                                                              \
        return open_file(directory, path, flags, mode);                                                                \
    }

OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat, (int directory, const char *path, int flags, ...), directory)
OPEN(openat64, (int directory, const char *path, int flags, ...), directory)

int creat(const char *path, mode_t mode) {
    return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode) {
    return creat(path, mode);
}

int close(int fd) {
    /* Before the call, as another thread may get the same descriptor right after it. */
    set_file(fd, 0);
    return (int)syscall(SYS_close, fd);
}

int dup(int fd) {
    int copy = (int)syscall(SYS_dup, fd);
    set_file(copy, copy < 0 ? 0 : file_of(fd));
    return copy;
}

int dup3(int fd, int copy, int flags) {
    set_file(copy, file_of(fd));
    return (int)syscall(SYS_dup3, fd, copy, flags);
}

int dup2(int fd, int copy) {
    return fd == copy ? (int)syscall(SYS_fcntl, fd, F_GETFD) < 0 ? -1 : fd : dup3(fd, copy, 0);
}

static int control(int fd, int command, unsigned long argument) {
    int result = (int)syscall(SYS_fcntl, fd, command, argument);
    if (result >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) {
        set_file(result, file_of(fd));
    }
    return result;
}

#define FCNTL(name)                                                                                                    \
    int name(int fd, int command, ...) {                                                                               \
        va_list rest;                                                                                                  \
        va_start(rest, command);                                                                                       \
        unsigned long argument = va_arg(rest, unsigned long);                                                          \
        va_end(rest);                                                                                                  \
        return control(fd, command, argument);                                                                         \
    }

FCNTL(fcntl)
FCNTL(fcntl64)

/* Makes a system call that writes, and records what it has written. `offset` is -1 for the descriptor's position. */
static ssize_t write_file(long number, int fd, const void *data, size_t count, off_t offset) {
    bool is_list = number == SYS_writev || number == SYS_pwritev;
    uint64_t file = file_of(fd);
    if (file == 0) {
        return syscall(number, fd, data, count, offset, 0L);
    }
    struct iovec one = {.iov_base = (void *)data, .iov_len = count};
    begin_call();
    ssize_t written = syscall(number, fd, data, count, offset, 0L);
    int error = errno;
    if (written > 0) {
        /* The position is behind what was written, also where all is appended. */
        off_t begin = offset >= 0 ? offset : lseek(fd, 0, SEEK_CUR) - written;
        const struct iovec *parts = is_list ? data : &one;
        append(WRITE, file, (uint64_t)begin, parts, is_list ? (int)count : 1, (size_t)written);
    }
    end_call(error);
    return written;
}

ssize_t write(int fd, const void *data, size_t count) {
    return write_file(SYS_write, fd, data, count, -1);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t offset) {
    return write_file(SYS_pwrite64, fd, data, count, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t offset) {
    return write_file(SYS_pwrite64, fd, data, count, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    return write_file(SYS_writev, fd, parts, (size_t)count, -1);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    return write_file(SYS_pwritev, fd, parts, (size_t)count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
    return write_file(SYS_pwritev, fd, parts, (size_t)count, offset);
}

int ftruncate(int fd, off_t length) {
    begin_call();
    int result = (int)syscall(SYS_ftruncate, fd, length);
    int error = errno;
    if (result == 0 && file_of(fd) != 0) {
        append_plain(TRUNCATE, file_of(fd), (uint64_t)length);
    }
    end_call(error);
    return result;
}

int ftruncate64(int fd, off64_t length) {
    return ftruncate(fd, length);
}

/* Makes a system call that changes names, and records the names that there are then. */
static int change_names(long number, long a, long b, long c, long d, long e) {
    begin_call();
    int result = (int)syscall(number, a, b, c, d, e);
    int error = errno;
    if (result == 0) {
        append_names();
    }
    end_call(error);
    return result;
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags) {
    return change_names(SYS_renameat2, from_directory, (long)from, to_directory, (long)to, flags);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, 0);
}

int rename(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    return change_names(SYS_linkat, from_directory, (long)from, to_directory, (long)to, flags);
}

int link(const char *from, const char *to) {
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int directory, const char *path, int flags) {
    return change_names(SYS_unlinkat, directory, (long)path, flags, 0, 0);
}

int unlink(const char *path) {
    return unlinkat(AT_FDCWD, path, 0);
}

/* A sync is two records: what was written before the first is on disk at the second, what was written between may be. */
static int sync_file(long number, int fd) {
    char buffer[PATH_MAX];
    struct stat status;
    uint64_t file = file_of(fd);
    const char *below = NULL;
    if (file == 0) {
        below = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) ? path_below(fd, buffer, sizeof buffer) : NULL;
        if (below == NULL) {
            return (int)syscall(number, fd);
        }
    }
    struct iovec part = {.iov_base = (void *)below, .iov_len = below == NULL ? 0 : strlen(below)};
    begin_call();
    if (below != NULL) {
        /* Also names that were changed by a system call that no function of the C library has made. */
        append_names();
    }
    uint64_t sync = next_sync();
    append(below == NULL ? FILE_SYNC_BEGINS : DIRECTORY_SYNC_BEGINS, file, sync, &part, 1, part.iov_len);
    end_call(0);
    int result = (int)syscall(number, fd);
    int error = errno;
    if (result == 0) {
        begin_call();
        append_plain(below == NULL ? FILE_SYNC_ENDS : DIRECTORY_SYNC_ENDS, file, sync);
        end_call(error);
    }
    return result;
}

int fsync(int fd) {
    return sync_file(SYS_fsync, fd);
}

int fdatasync(int fd) {
    return sync_file(SYS_fdatasync, fd);
}
