/* Writes the log. Nothing here allocates, as the process may be within its allocator. */

#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#define _GNU_SOURCE

#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Directories deeper than this are not looked into. */
#define MAX_DEPTH 3

#define MAX_NAMES (256 * 1024)

struct header {
    uint32_t kind;
    uint32_t length;
    uint64_t file;
    uint64_t number;
};

static int log_fd = -1;
static char directory[PATH_MAX];
static size_t directory_length;
static pthread_mutex_t calls = PTHREAD_MUTEX_INITIALIZER;

static void fail(const char *message) {
    syscall(SYS_write, STDERR_FILENO, message, strlen(message));
    abort();
}

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("POWER_LOSS_LOG");
    const char *below = getenv("POWER_LOSS_DIRECTORY");
    if (path == NULL || below == NULL) {
        return;
    }
    directory_length = strlen(below);
    if (directory_length >= sizeof directory) {
        fail("power loss: the name of the directory is too long\n");
    }
    memcpy(directory, below, directory_length + 1);
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) {
        fail("power loss: the log can't be opened\n");
    }
}

void begin_call(void) {
    pthread_mutex_lock(&calls);
    /* Of other processes, whose `log_fd` is another. */
    while (log_fd >= 0 && syscall(SYS_flock, log_fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            fail("power loss: the log can't be locked\n");
        }
    }
}

void end_call(int error) {
    if (log_fd >= 0) {
        syscall(SYS_flock, log_fd, LOCK_UN);
    }
    pthread_mutex_unlock(&calls);
    errno = error;
}

static void write_all(const void *data, size_t length) {
    const char *at = data;
    while (length > 0) {
        long written = syscall(SYS_write, log_fd, at, length);
        if (written <= 0) {
            if (written < 0 && errno == EINTR) {
                continue;
            }
            fail("power loss: the log can't be written\n");
        }
        at += written;
        length -= (size_t)written;
    }
}

void append(enum kind kind, uint64_t file, uint64_t number, const struct iovec *parts, int count, size_t length) {
    if (log_fd < 0) {
        return;
    }
    struct header header = {.kind = kind, .length = (uint32_t)length, .file = file, .number = number};
    write_all(&header, sizeof header);
    for (int i = 0; i < count && length > 0; i++) {
        size_t part = parts[i].iov_len < length ? parts[i].iov_len : length;
        write_all(parts[i].iov_base, part);
        length -= part;
    }
}

void append_plain(enum kind kind, uint64_t file, uint64_t number) {
    append(kind, file, number, NULL, 0, 0);
}

void append_unsupported(const char *call) {
    struct iovec part = {.iov_base = (void *)call, .iov_len = strlen(call)};
    append(UNSUPPORTED, 0, 0, &part, 1, part.iov_len);
}

uint64_t next_sync(void) {
    static uint32_t count;
    return (uint64_t)(uint32_t)getpid() << 32 | ++count;
}

const char *path_below(int fd, char *buffer, size_t size) {
    char link[64] = "/proc/self/fd/";
    char digits[16];
    int count = 0;
    if (log_fd < 0 || fd < 0) {
        return NULL;
    }
    do {
        digits[count++] = (char)('0' + fd % 10);
        fd /= 10;
    } while (fd > 0);
    size_t end = strlen(link);
    while (count > 0) {
        link[end++] = digits[--count];
    }
    link[end] = '\0';
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, buffer, size - 1);
    if (length < 0) {
        return NULL;
    }
    buffer[length] = '\0';
    if (strncmp(buffer, directory, directory_length) != 0) {
        return NULL;
    }
    const char *rest = buffer + directory_length;
    return *rest == '\0' ? rest : *rest == '/' ? rest + 1 : NULL;
}

bool is_shared_memory(const char *path) {
    size_t length = strlen(path);
    return length >= 4 && strcmp(path + length - 4, "-shm") == 0;
}

struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

static char names[MAX_NAMES];
static size_t names_length;

static void add_name(const char *path, size_t length, uint64_t inode) {
    uint32_t size = (uint32_t)length;
    if (names_length + sizeof inode + sizeof size + length > sizeof names) {
        fail("power loss: there are too many files in the directory\n");
    }
    memcpy(names + names_length, &inode, sizeof inode);
    memcpy(names + names_length + sizeof inode, &size, sizeof size);
    memcpy(names + names_length + sizeof inode + sizeof size, path, length);
    names_length += sizeof inode + sizeof size + length;
}

/* Adds the names of the files in an open directory, whose path below the recorded one is in the first `length` bytes of
 * `path`, and closes it. */
static void add_names(int fd, char *path, size_t length, int depth) {
    char buffer[4096] __attribute__((aligned(8)));
    long filled;
    while ((filled = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < filled;) {
            const struct entry *entry = (const struct entry *)(buffer + at);
            at += entry->length;
            size_t name = strlen(entry->name);
            struct stat status;
            if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0 || length + name + 2 > PATH_MAX ||
                fstatat(fd, entry->name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
                continue;
            }
            memcpy(path + length, entry->name, name + 1);
            if (S_ISREG(status.st_mode) && !is_shared_memory(entry->name)) {
                add_name(path, length + name, status.st_ino);
            } else if (S_ISDIR(status.st_mode) && depth < MAX_DEPTH) {
                int below = (int)syscall(SYS_openat, fd, entry->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
                path[length + name] = '/';
                if (below >= 0) {
                    add_names(below, path, length + name + 1, depth + 1);
                }
            }
        }
    }
    syscall(SYS_close, fd);
}

void append_names(void) {
    static char path[PATH_MAX];
    if (log_fd < 0) {
        return;
    }
    int fd = (int)syscall(SYS_openat, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    names_length = 0;
    if (fd >= 0) {
        add_names(fd, path, 0, 0);
    }
    struct iovec part = {.iov_base = names, .iov_len = names_length};
    append(NAMES, 0, 0, &part, 1, names_length);
}
