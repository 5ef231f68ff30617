// Makes the N-th flush or write of the store's files fail, for a process started with LD_PRELOAD.
//
//   FAULT_CALL   fsync | fdatasync | pwrite64 | pwrite (fsync and fdatasync count together, and so do the writes)
//   FAULT_NTH    which call on a file of the store fails, counted from 1
//   FAULT_ERRNO  5 (EIO) or 28 (ENOSPC)
//   FAULT_TIMES  how many calls fail from there on; 1 by default
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long calls;

static int of_the_store(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "batchnorm.db") && !strstr(path, "-shm");
}

static int fails(const char *kind, int descriptor) {
    const char *call = getenv("FAULT_CALL");
    if (!call || !strstr(call, kind) || !of_the_store(descriptor)) return 0;
    long nth = atol(getenv("FAULT_NTH"));
    long times = getenv("FAULT_TIMES") ? atol(getenv("FAULT_TIMES")) : 1;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (number < nth || number >= nth + times) return 0;
    errno = atoi(getenv("FAULT_ERRNO"));
    fprintf(stderr, "%s number %ld fails with %d\n", kind, number, errno);
    return 1;
}

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

int fsync(int descriptor) { return fails("sync", descriptor) ? -1 : REAL(fsync)(descriptor); }
int fdatasync(int descriptor) { return fails("sync", descriptor) ? -1 : REAL(fdatasync)(descriptor); }

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
    return fails("write", descriptor) ? -1 : REAL(pwrite)(descriptor, bytes, length, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
    return fails("write", descriptor) ? -1 : REAL(pwrite64)(descriptor, bytes, length, offset);
}
ssize_t write(int descriptor, const void *bytes, size_t length) {
    return fails("write", descriptor) ? -1 : REAL(write)(descriptor, bytes, length);
}
