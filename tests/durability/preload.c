/* A library for LD_PRELOAD that shortens writes to files and changes the clock.

   DURABILITY_SHORT=n        a write to a regular file takes at most n bytes
   DURABILITY_CLOCK_S=s      the time of day is off by s seconds; the monotonic clock is right */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

ssize_t write(int fd, const void *data, size_t size)
{
    static ssize_t (*real)(int, const void *, size_t);
    const char *most = getenv("DURABILITY_SHORT");
    struct stat found;

    if (!real)
        real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (most && !fstat(fd, &found) && S_ISREG(found.st_mode) && size > (size_t)atol(most))
        size = (size_t)atol(most);
    return real(fd, data, size);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    const char *off = getenv("DURABILITY_CLOCK_S");
    int failed;

    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    failed = real(clock, now);
    if (off && !failed && clock == CLOCK_REALTIME)
        now->tv_sec += atol(off);
    return failed;
}
