/* Posts ready-made requests over keep-alive connections and notes when each was answered, and how.

   http PORT CONNECTIONS REQUESTS RESULTS COUNT SECONDS RATE

   REQUESTS  file: for each request a 32-bit length (little-endian) and its bytes, head included
   RESULTS   file: for each request taken one `struct answer`, in the order of the requests
   COUNT     how many to send; beyond the end of the file it begins again
   SECONDS   after these no further request is begun
   RATE      0: each connection sends as soon as it has its answer (closed loop); else requests per second, due at
             fixed times whether or not earlier ones were answered (open loop), and latency counts from when it was due

   Prints one line of JSON. */
#include "common.h"

enum { BUFFER = 65536, TIMER = 0xffffffff, NOTHING = -1 };

struct answer {
    uint64_t begun_ns;
    uint32_t latency_us;
    uint32_t status; /* 0: no answer */
};

struct connection {
    int fd;
    long request; /* the one under way, or NOTHING */
    size_t length;
    char *buffer;
};

static char **requests;
static size_t *lengths;
static long request_count;
static struct answer *answers;
static long taken, answered, reconnects;
static long count, rate;
static uint64_t begun_ns, end_ns;
static int port, epoll;

static void load(const char *path) {
    size_t size, at = 0;
    char *data = read_file(path, &size);
    long room = 1024;
    requests = allocate((size_t)room * sizeof *requests);
    lengths = allocate((size_t)room * sizeof *lengths);
    while (at + 4 <= size) {
        uint32_t length;
        memcpy(&length, data + at, 4);
        if (request_count == room) {
            room *= 2;
            requests = realloc(requests, (size_t)room * sizeof *requests);
            lengths = realloc(lengths, (size_t)room * sizeof *lengths);
        }
        requests[request_count] = data + at + 4;
        lengths[request_count++] = length;
        at += 4 + length;
    }
    if (at != size || !request_count) die("%s is damaged or empty", path);
}

static uint64_t due_ns(long index) {
    return begun_ns + (uint64_t)((double)index * 1e9 / (double)rate);
}

/* Begin the next request on an idle connection, if there is one to begin now. */
static int begin(struct connection *c) {
    uint64_t now = now_ns();
    if (taken >= count || now >= end_ns || (rate && due_ns(taken) > now)) return 0;
    c->request = taken++;
    c->length = 0;
    answers[c->request].begun_ns = rate ? due_ns(c->request) : now;
    send_all(c->fd, requests[c->request % request_count], lengths[c->request % request_count]);
    return 1;
}

static void finish(struct connection *c, uint32_t status) {
    struct answer *a = &answers[c->request];
    a->latency_us = (uint32_t)((now_ns() - a->begun_ns) / 1000);
    a->status = status;
    c->request = NOTHING;
    answered++;
}

/* Length of the whole response, 0 while its head is not there yet. */
static size_t response_length(struct connection *c) {
    char *end = memmem(c->buffer, c->length, "\r\n\r\n", 4);
    if (!end) return 0;
    *end = 0;
    char *field = strcasestr(c->buffer, "\r\ncontent-length:");
    if (!field) die("a response without content-length:\n%s", c->buffer);
    *end = '\r';
    return (size_t)(end - c->buffer) + 4 + strtoul(field + 17, NULL, 10);
}

static void reopen(struct connection *c, uint32_t id) {
    if (c->request != NOTHING) finish(c, 0);
    if (++reconnects > 1000) die("the server hung up a thousand times");
    close(c->fd);
    c->fd = connect_to(port);
    watch(epoll, c->fd, id);
}

static void receive(struct connection *c, uint32_t id) {
    ssize_t got = recv(c->fd, c->buffer + c->length, BUFFER - c->length - 1, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        reopen(c, id);
        return;
    }
    c->length += (size_t)got;
    c->buffer[c->length] = 0;
    size_t whole = response_length(c);
    if (whole >= BUFFER) die("a response is too long");
    if (!whole || c->length < whole) return;
    if (c->request == NOTHING) die("an answer that nobody asked for");
    finish(c, (uint32_t)strtoul(c->buffer + 9, NULL, 10));
}

static void set_timer(int timer) {
    struct itimerspec when = {0};
    if (taken >= count) return;
    uint64_t at = due_ns(taken);
    when.it_value.tv_sec = (time_t)(at / 1000000000u);
    when.it_value.tv_nsec = (long)(at % 1000000000u);
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

int main(int argc, char **argv) {
    if (argc != 8) die("usage: http PORT CONNECTIONS REQUESTS RESULTS COUNT SECONDS RATE");
    begin_process();
    port = atoi(argv[1]);
    uint32_t size = (uint32_t)atoi(argv[2]);
    load(argv[3]);
    count = atol(argv[5]);
    rate = atol(argv[7]);
    answers = allocate((size_t)count * sizeof *answers);
    struct connection *connections = allocate(size * sizeof *connections);
    epoll = epoll_create1(0);
    for (uint32_t i = 0; i < size; i++) {
        connections[i] = (struct connection){connect_to(port), NOTHING, 0, allocate(BUFFER)};
        watch(epoll, connections[i].fd, i);
    }
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    watch(epoll, timer, TIMER);

    struct usage from = usage_now(), to;
    begun_ns = from.wall_ns;
    end_ns = begun_ns + (uint64_t)(atof(argv[6]) * 1e9);
    uint64_t give_up_ns = end_ns + 30000000000u;
    for (uint32_t i = 0; i < size && begin(&connections[i]); i++) {}
    while (answered < taken || (taken < count && now_ns() < end_ns)) {
        struct epoll_event events[256];
        uint64_t expired;
        if (rate) set_timer(timer);
        int ready = epoll_wait(epoll, events, 256, 100);
        if (now_ns() > give_up_ns) break;
        for (int i = 0; i < ready; i++) {
            uint32_t id = events[i].data.u32;
            if (id != TIMER) {
                receive(&connections[id], id);
                if (!rate && connections[id].request == NOTHING) begin(&connections[id]);
            } else if (read(timer, &expired, sizeof expired) < 0 && errno != EAGAIN) {
                die("timer: %s", strerror(errno));
            }
        }
        for (uint32_t i = 0; rate && i < size; i++)
            if (connections[i].request == NOTHING && !begin(&connections[i])) break;
    }
    to = usage_now();
    write_file(argv[4], answers, sizeof *answers, (size_t)taken);
    printf("{\"taken\": %ld, \"answered\": %ld, \"reconnects\": %ld, ", taken, answered, reconnects);
    print_usage(from, to);
    printf("}\n");
    return 0;
}
