/* A disk that fails on request: loaded before the C library (LD_PRELOAD), it sees every change of files below
 * one folder that a process asks for, counts them, and can
 *   - write each of them down, so that what a power cut leaves can be worked out afterwards;
 *   - kill the process at the n-th of them, half-way through a write;
 *   - let the n-th of them and all later ones fail, as on a full or read-only disk;
 *   - take its time with each fsync;
 *   - let the clock jump at the n-th of them.
 * `disk_arm` begins it; see disk.py. Nothing is done before. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { CREATE = 'c', WRITE = 'w', TRUNCATE = 't', SYNC = 's', SYNC_FOLDER = 'd', RENAME = 'r', UNLINK = 'u',
       MKDIR = 'm', RMDIR = 'x', LINK = 'l', OPEN = 'o' };

static struct {
    char root[PATH_MAX];
    size_t length;
    int log;           /* file descriptor, -1 for none */
    long kill_at;      /* 0 for never, as all that follow */
    long fail_at;
    int error;
    long jump_at, jump_by;
    long slow_us;
} set = {.log = -1};
static volatile int armed;
/* Counted over all threads, and over all processes that were forked after `disk_arm`. */
static struct { long count; long jumped; } *shared;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

long disk_count(void) { return shared ? shared->count : 0; }

void disk_arm(const char *root, const char *log, long kill_at, long fail_at, int error, long jump_at, long jump_by,
              long slow_us) {
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    snprintf(set.root, sizeof set.root, "%s", root);
    set.length = strlen(root);
    set.log = *log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    set.kill_at = kill_at; set.fail_at = fail_at; set.error = error;
    set.jump_at = jump_at; set.jump_by = jump_by; set.slow_us = slow_us;
    armed = 1;
}

/* ------------------------------------------------------------------------------------------------ which file */

static int watched(const char *path) {
    return strncmp(path, set.root, set.length) == 0 && (path[set.length] == '/' || path[set.length] == 0);
}

static int path_of(int fd, char *out) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, out, PATH_MAX - 1);
    if (n < 0) return 0;
    out[n] = 0;
    return watched(out);
}

static int absolute(int folder, const char *path, char *out) {
    char base[PATH_MAX];
    if (!path || !*path) return 0;
    if (path[0] == '/') snprintf(out, PATH_MAX, "%s", path);
    else {
        if (folder == AT_FDCWD) { if (!getcwd(base, sizeof base)) return 0; }
        else {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            ssize_t n = readlink(link, base, sizeof base - 1);
            if (n < 0) return 0;
            base[n] = 0;
        }
        if (snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
    }
    return watched(out);
}

static uint64_t inode_of(int fd) { struct stat s; return fstat(fd, &s) ? 0 : (uint64_t)s.st_ino; }

/* ------------------------------------------------------------------------------------------- telling, failing */

static void tell(char kind, uint64_t inode, int64_t offset, const char *first, const char *second, const void *data,
                 size_t size) {
    if (set.log < 0) return;
    struct __attribute__((packed)) { char kind; uint64_t inode; int64_t offset; uint32_t a, b; uint64_t size; } head =
        {kind, inode, offset, first ? strlen(first) : 0, second ? strlen(second) : 0, size};
    struct iovec parts[4] = {{&head, sizeof head}, {(void *)first, head.a}, {(void *)second, head.b},
                             {(void *)data, size}};
    syscall(SYS_writev, set.log, parts, 4);
}

/* Count an operation. Returns 0 to go on, 1 to fail with errno set, 2 to be killed when half of it is done. */
static int enter(void) {
    long n = __atomic_add_fetch(&shared->count, 1, __ATOMIC_SEQ_CST);
    if (set.jump_at && n >= set.jump_at) shared->jumped = set.jump_by;
    if (set.kill_at && n >= set.kill_at) return 2;
    if (set.fail_at && n >= set.fail_at) { errno = set.error; return 1; }
    return 0;
}

static void die(void) { syscall(SYS_kill, getpid(), SIGKILL); for (;;) pause(); }

/* Of operations that happen or do not. */
#define BEGIN(fails) do { int what_ = enter(); if (what_ == 2) die(); if (what_ == 1) return fails; } while (0)

/* ------------------------------------------------------------------------------------------------- the calls */

static int opening(int folder, const char *path, int flags, mode_t mode) {
    char whole[PATH_MAX];
    int changes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
    if (!armed || !changes || !absolute(folder, path, whole)) return (int)syscall(SYS_openat, folder, path, flags, mode);
    int is_new = (flags & O_CREAT) && access(whole, F_OK) != 0;
    /* A full disk lets files that are there be opened; a read-only one does not. */
    if (is_new || (flags & O_TRUNC)) BEGIN(-1);
    else if (set.fail_at && shared->count >= set.fail_at && set.error != ENOSPC) { errno = set.error; return -1; }
    pthread_mutex_lock(&lock);
    int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
    int error = errno;
    if (fd >= 0) {
        if (is_new) tell(CREATE, inode_of(fd), 0, whole, NULL, NULL, 0);
        else if (flags & O_TRUNC) tell(TRUNCATE, inode_of(fd), 0, whole, NULL, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

#define MODE_OF(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list a; va_start(a, flags); \
    mode = (mode_t)va_arg(a, int); va_end(a); }
int open(const char *path, int flags, ...) { MODE_OF(flags) return opening(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags) return opening(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE_OF(flags) return opening(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE_OF(flags) return opening(at, path, flags, mode); }
int __open_2(const char *path, int flags) { return opening(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return opening(AT_FDCWD, path, flags, 0); }

static ssize_t writing(int fd, const void *data, size_t size, int64_t at) {
    char path[PATH_MAX];
    ssize_t n;
    if (!armed || fd == set.log || !path_of(fd, path))
        return at < 0 ? syscall(SYS_write, fd, data, size) : syscall(SYS_pwrite64, fd, data, size, at);
    int what = enter();
    if (what == 1) return -1;
    if (what == 2) size /= 2;
    pthread_mutex_lock(&lock);
    n = at < 0 ? syscall(SYS_write, fd, data, size) : syscall(SYS_pwrite64, fd, data, size, at);
    int error = errno;
    if (n > 0) {
        int64_t place = at < 0 ? (int64_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) - n : at;
        tell(WRITE, inode_of(fd), place, path, NULL, data, (size_t)n);
    }
    pthread_mutex_unlock(&lock);
    if (what == 2) die();
    errno = error;
    return n;
}
ssize_t write(int fd, const void *data, size_t size) { return writing(fd, data, size, -1); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return writing(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return writing(fd, data, size, at); }
/* Copies within the kernel would pass by: Python falls back to read and write. */
ssize_t sendfile(int out, int in, off_t *at, size_t size) {
    char path[PATH_MAX];
    if (armed && path_of(out, path)) { errno = ENOSYS; return -1; }
    return syscall(SYS_sendfile, out, in, at, size);
}
ssize_t sendfile64(int out, int in, off64_t *at, size_t size) { return sendfile(out, in, at, size); }
ssize_t copy_file_range(int in, off64_t *a, int out, off64_t *b, size_t size, unsigned flags) {
    char path[PATH_MAX];
    if (armed && path_of(out, path)) { errno = ENOSYS; return -1; }
    return syscall(SYS_copy_file_range, in, a, out, b, size, flags);
}

static int syncing(int fd, long number) {
    char path[PATH_MAX];
    if (!armed || !path_of(fd, path)) return (int)syscall(number, fd);
    BEGIN(-1);
    if (set.slow_us) usleep((useconds_t)set.slow_us);
    struct stat s;
    int is_folder = fstat(fd, &s) == 0 && S_ISDIR(s.st_mode);
    pthread_mutex_lock(&lock);
    /* Nothing is asked of the real disk: what lasts is worked out from what was asked for. */
    tell(is_folder ? SYNC_FOLDER : SYNC, (uint64_t)s.st_ino, 0, path, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    return 0;
}
int fsync(int fd) { return syncing(fd, SYS_fsync); }
int fdatasync(int fd) { return syncing(fd, SYS_fdatasync); }

static int cutting(int fd, int64_t size) {
    char path[PATH_MAX];
    if (!armed || !path_of(fd, path)) return (int)syscall(SYS_ftruncate, fd, size);
    BEGIN(-1);
    pthread_mutex_lock(&lock);
    int result = (int)syscall(SYS_ftruncate, fd, size);
    if (!result) tell(TRUNCATE, inode_of(fd), size, path, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}
int ftruncate(int fd, off_t size) { return cutting(fd, size); }
int ftruncate64(int fd, off64_t size) { return cutting(fd, size); }

static int naming(char kind, long number, int a, const char *from, int b, const char *to, long extra) {
    char first[PATH_MAX] = "", second[PATH_MAX] = "";
    int is_ours = absolute(a, from, first);
    if (to && absolute(b, to, second)) is_ours = 1;
    if (armed && is_ours) BEGIN(-1);
    if (!armed || !is_ours) {
        if (kind == UNLINK || kind == RMDIR) return (int)syscall(SYS_unlinkat, a, from, kind == RMDIR ? AT_REMOVEDIR : 0);
        if (kind == MKDIR) return (int)syscall(SYS_mkdirat, a, from, extra);
        return (int)syscall(number, a, from, b, to, extra);
    }
    pthread_mutex_lock(&lock);
    int result;
    if (kind == UNLINK || kind == RMDIR) result = (int)syscall(SYS_unlinkat, a, from, kind == RMDIR ? AT_REMOVEDIR : 0);
    else if (kind == MKDIR) result = (int)syscall(SYS_mkdirat, a, from, extra);
    else result = (int)syscall(number, a, from, b, to, extra);
    int error = errno;
    if (!result) tell(kind, 0, 0, first, to ? second : NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int rename(const char *from, const char *to) { return naming(RENAME, SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return naming(RENAME, SYS_renameat2, a, from, b, to, 0); }
int link(const char *from, const char *to) { return naming(LINK, SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int a, const char *from, int b, const char *to, int flags) {
    return naming(LINK, SYS_linkat, a, from, b, to, flags); }
int unlink(const char *path) { return naming(UNLINK, 0, AT_FDCWD, path, 0, NULL, 0); }
int unlinkat(int at, const char *path, int flags) {
    return naming(flags & AT_REMOVEDIR ? RMDIR : UNLINK, 0, at, path, 0, NULL, 0); }
int rmdir(const char *path) { return naming(RMDIR, 0, AT_FDCWD, path, 0, NULL, 0); }
int mkdir(const char *path, mode_t mode) { return naming(MKDIR, 0, AT_FDCWD, path, 0, NULL, mode); }
int mkdirat(int at, const char *path, mode_t mode) { return naming(MKDIR, 0, at, path, 0, NULL, mode); }

/* ------------------------------------------------------------------------------------------------- the clock */

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (!result && armed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += shared->jumped;
    return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int result = (int)syscall(SYS_gettimeofday, now, zone);
    if (!result && armed) now->tv_sec += shared->jumped;
    return result;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
