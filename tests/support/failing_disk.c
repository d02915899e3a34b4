/* A disk that fails at the n-th call that changes it, for tests. Loaded before the C library (LD_PRELOAD), it
 * counts the calls on paths below a folder and lets the n-th, or all from the n-th on, return an error. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char under[PATH_MAX];
static long fails_at, calls;
static int error_number, is_lasting;

void failing_disk_set(const char *folder, long at, int number, int lasting) {
    snprintf(under, sizeof under, "%s", folder);
    fails_at = at, error_number = number, is_lasting = lasting;
    __atomic_store_n(&calls, 0, __ATOMIC_SEQ_CST);
}

long failing_disk_calls(void) { return __atomic_load_n(&calls, __ATOMIC_SEQ_CST); }

static int is_below(const char *path) {
    char whole[PATH_MAX];
    if (!under[0] || !path) return 0;
    if (path[0] != '/') {
        if (!getcwd(whole, sizeof whole)) return 0;
        strncat(whole, "/", sizeof whole - strlen(whole) - 1);
        strncat(whole, path, sizeof whole - strlen(whole) - 1);
        path = whole;
    }
    return strncmp(path, under, strlen(under)) == 0;
}

static int is_handle_below(int handle) {
    char link[64], path[PATH_MAX];
    if (!under[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return is_below(path);
}

static int fails(int is_counted) {
    if (!is_counted) return 0;
    long call = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    if (!fails_at || (is_lasting ? call < fails_at : call != fails_at)) return 0;
    errno = error_number;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPENS(name)                                                                  \
    int name(const char *path, int flags, ...) {                                     \
        va_list rest; va_start(rest, flags);                                         \
        mode_t mode = va_arg(rest, mode_t); va_end(rest);                            \
        if (flags & (O_CREAT | O_WRONLY | O_RDWR) && fails(is_below(path))) return -1; \
        return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name)                                                               \
    int name(int folder, const char *path, int flags, ...) {                         \
        va_list rest; va_start(rest, flags);                                         \
        mode_t mode = va_arg(rest, mode_t); va_end(rest);                            \
        if (flags & (O_CREAT | O_WRONLY | O_RDWR) && fails(is_below(path))) return -1; \
        return ((int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, #name))(folder, path, flags, mode); \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

ssize_t write(int handle, const void *data, size_t size) {
    return fails(is_handle_below(handle)) ? -1 : REAL(write)(handle, data, size);
}
ssize_t pwrite(int handle, const void *data, size_t size, off_t offset) {
    return fails(is_handle_below(handle)) ? -1 : REAL(pwrite)(handle, data, size, offset);
}
ssize_t pwrite64(int handle, const void *data, size_t size, off64_t offset) {
    return fails(is_handle_below(handle)) ? -1 : REAL(pwrite64)(handle, data, size, offset);
}
ssize_t writev(int handle, const struct iovec *parts, int number) {
    return fails(is_handle_below(handle)) ? -1 : REAL(writev)(handle, parts, number);
}
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t size, unsigned flags) {
    return fails(is_handle_below(to)) ? -1 : REAL(copy_file_range)(from, at, to, there, size, flags);
}
int ftruncate(int handle, off_t size) {
    return fails(is_handle_below(handle)) ? -1 : REAL(ftruncate)(handle, size);
}
int ftruncate64(int handle, off64_t size) {
    return fails(is_handle_below(handle)) ? -1 : REAL(ftruncate64)(handle, size);
}
int fsync(int handle) { return fails(is_handle_below(handle)) ? -1 : REAL(fsync)(handle); }
int fdatasync(int handle) { return fails(is_handle_below(handle)) ? -1 : REAL(fdatasync)(handle); }
int rename(const char *from, const char *to) {
    return fails(is_below(to)) ? -1 : REAL(rename)(from, to);
}
int mkdir(const char *path, mode_t mode) { return fails(is_below(path)) ? -1 : REAL(mkdir)(path, mode); }
