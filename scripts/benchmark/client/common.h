/* What both load clients need: time, the process's own share of a core, sockets that never block. */
#ifndef CENTRALA_BENCH_COMMON_H
#define CENTRALA_BENCH_COMMON_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static void *allocate(size_t size) {
    void *memory = calloc(1, size ? size : 1);
    if (!memory) die("out of memory");
    return memory;
}

/* CLOCK_MONOTONIC is one clock for all processes of the machine, so the two clients' times can be compared. */
static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Time on a core, and time ready to run while all cores were taken: if both together come near the wall time, then
   the client and not the server set the pace. */
struct usage {
    uint64_t wall_ns, cpu_ns, starved_ns;
};

static struct usage usage_now(void) {
    struct usage u = {now_ns(), 0, 0};
    FILE *f = fopen("/proc/self/schedstat", "r");
    unsigned long long cpu = 0, starved = 0;
    if (f && fscanf(f, "%llu %llu", &cpu, &starved) == 2) {
        u.cpu_ns = cpu;
        u.starved_ns = starved;
    } else {
        struct rusage r;
        getrusage(RUSAGE_SELF, &r);
        u.cpu_ns = (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000000u +
                   (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000u;
    }
    if (f) fclose(f);
    return u;
}

static void print_usage(struct usage from, struct usage to) {
    printf("\"wall_ns\": %llu, \"cpu_ns\": %llu, \"starved_ns\": %llu",
           (unsigned long long)(to.wall_ns - from.wall_ns), (unsigned long long)(to.cpu_ns - from.cpu_ns),
           (unsigned long long)(to.starved_ns - from.starved_ns));
}

/* Never outlive the harness; as many files as the machine allows. */
static void begin_process(void) {
    struct rlimit limit;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("can't connect to port %d: %s", port, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

static void watch(int epoll, int fd, uint32_t id) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = id};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl: %s", strerror(errno));
}

/* All that is sent here is small against a socket's buffer. */
static void send_all(int fd, const char *data, size_t length) {
    ssize_t sent = send(fd, data, length, 0);
    if (sent >= 0 && (size_t)sent != length) die("a socket's buffer is full");
}

static char *read_file(const char *path, size_t *length) {
    struct stat info;
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &info) < 0) die("can't read %s", path);
    char *data = allocate((size_t)info.st_size + 1);
    *length = fread(data, 1, (size_t)info.st_size, f);
    fclose(f);
    return data;
}

static void write_file(const char *path, const void *data, size_t size, size_t count) {
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, size, count, f) != count || fclose(f) != 0) die("can't write %s", path);
}

#endif
