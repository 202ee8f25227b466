/* Functions whose effects are not recorded. Where they can fail, so that the program writes otherwise, they do; else the
 * log says that no image can be made of it. */

#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#define _GNU_SOURCE

#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether the descriptor has a file open that is recorded. */
static bool is_recorded(int fd) {
    char buffer[PATH_MAX];
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return false;
    }
    const char *below = path_below(fd, buffer, sizeof buffer);
    return below != NULL && !is_shared_memory(below);
}

static void refuse(const char *call) {
    int error = errno;
    begin_call();
    append_unsupported(call);
    end_call(error);
}

static ssize_t invalid(void) {
    errno = EINVAL;
    return -1;
}

ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t count, unsigned int flags) {
    return is_recorded(to) ? invalid()
                           : syscall(SYS_copy_file_range, from, from_offset, to, to_offset, count, (long)flags);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t count) {
    return is_recorded(to) ? invalid() : syscall(SYS_sendfile, to, from, offset, count);
}

ssize_t sendfile64(int to, int from, off64_t *offset, size_t count) {
    return is_recorded(to) ? invalid() : syscall(SYS_sendfile, to, from, offset, count);
}

ssize_t splice(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t count, unsigned int flags) {
    return is_recorded(to) ? invalid() : syscall(SYS_splice, from, from_offset, to, to_offset, count, (long)flags);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    if (fd >= 0 && (flags & MAP_SHARED) != 0 && (protection & PROT_WRITE) != 0 && is_recorded(fd)) {
        refuse("mmap");
    }
    return (void *)syscall(SYS_mmap, address, length, (long)protection, (long)flags, (long)fd, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset) {
    return mmap(address, length, protection, flags, fd, offset);
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
    if (is_recorded(fd)) {
        refuse("fallocate");
    }
    return (int)syscall(SYS_fallocate, fd, (long)mode, offset, length);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    return fallocate(fd, mode, offset, length);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    int kept = errno;
    int error = fallocate(fd, 0, offset, length) == 0 ? 0 : errno;
    errno = kept;
    return error;
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
    return posix_fallocate(fd, offset, length);
}

int truncate(const char *path, off_t length) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    int result = ftruncate(fd, length);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

int truncate64(const char *path, off64_t length) {
    return truncate(path, length);
}
