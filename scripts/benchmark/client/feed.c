/* Holds many sockets open and notes when each marked frame arrived on each.

   feed PORT SOCKETS TOKENS MARKER EXPECTED RESULTS SECONDS

   TOKENS    file of bearer tokens, one a line, taken in turn; "-": no upgrade, a line "subscribe" is sent instead
   MARKER    text before the decimal number of an event, e.g. "bench-"; frames without it are only counted
   EXPECTED  marked frames to each socket; all there: done.  0: until standard input ends
   RESULTS   file: one `struct arrival` for each marked frame, in order of arrival
   SECONDS   give up after these

   Prints "ready" when all sockets are live, and at the end one line of JSON. */
#include "common.h"

enum { BUFFER = 65536, HANDSHAKES = 64, INPUT = 0xffffffff };

struct arrival {
    uint32_t socket, number;
    uint64_t at_ns;
};

struct feed {
    int fd;
    int upgraded, live;
    size_t length;
    char *buffer;
};

static struct feed *feeds;
static uint32_t size, opened, live;
static char **tokens;
static long token_count;
static const char *marker;
static struct arrival *arrivals;
static size_t expected, arrived, extra, others, bytes;
static struct usage from;
static int port, epoll;

static void load_tokens(const char *path) {
    size_t length;
    char *rest = read_file(path, &length), *line;
    tokens = allocate((length + 1) * sizeof *tokens);
    while ((line = strsep(&rest, "\n")))
        if (*line) tokens[token_count++] = line;
    if (!token_count) die("%s holds no token", path);
}

static void send_frame(int fd, int opcode, const char *payload, size_t length) {
    char frame[6 + 125] = {(char)(0x80 | opcode), (char)(0x80 | length)}; /* masked with zeros */
    memcpy(frame + 6, payload, length);
    send_all(fd, frame, 6 + length);
}

static void open_next(void) {
    struct feed *f = &feeds[opened];
    *f = (struct feed){.fd = connect_to(port), .buffer = allocate(BUFFER + 1)};
    watch(epoll, f->fd, opened);
    if (tokens) {
        char request[2048];
        int length = snprintf(request, sizeof request,
                              "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: Y2VudHJhbGEtYmVuY2htYQ==\r\n"
                              "Authorization: Bearer %s\r\n\r\n",
                              port, tokens[opened % token_count]);
        send_all(f->fd, request, (size_t)length);
    } else {
        f->upgraded = 1;
        send_all(f->fd, "subscribe\n", 10);
    }
    opened++;
}

static void became_live(struct feed *f) {
    if (f->live) return;
    f->live = 1;
    live++;
    if (opened < size) open_next();
}

static void take(uint32_t id, int opcode, const char *payload, size_t length, uint64_t at_ns) {
    struct feed *f = &feeds[id];
    if (opcode == 9) {
        send_frame(f->fd, 10, payload, length);
    } else if (opcode == 8) {
        die("socket %u was closed with %d", id, length < 2 ? 0 : (uint8_t)payload[0] * 256 + (uint8_t)payload[1]);
    } else {
        char *found = memmem(payload, length, marker, strlen(marker));
        bytes += length;
        if (!found) {
            others++;
            became_live(f); /* the welcome */
        } else if (arrived == expected * size && expected) {
            extra++;
        } else {
            if (!arrived) from = usage_now();
            arrivals[arrived++] = (struct arrival){id, (uint32_t)strtoul(found + strlen(marker), NULL, 10), at_ns};
        }
    }
}

/* One whole frame at the beginning of the buffer, or 0 when it is not all there. */
static size_t take_frame(uint32_t id, const char *data, size_t have, uint64_t at_ns) {
    const uint8_t *b = (const uint8_t *)data;
    size_t head = 2, length;
    if (have < 4) return 0;
    length = b[1] & 127;
    if (length == 126) {
        head = 4;
        length = (size_t)b[2] << 8 | b[3];
    } else if (length == 127) {
        die("a frame is too long");
    }
    if (have < head + length) return 0;
    take(id, b[0] & 15, data + head, length, at_ns);
    return head + length;
}

static size_t take_upgrade(struct feed *f) {
    static const char start[] = "{\"type\":\"start\"}";
    f->buffer[f->length] = 0;
    char *end = strstr(f->buffer, "\r\n\r\n");
    if (!end) return 0;
    if (strncmp(f->buffer, "HTTP/1.1 101", 12) != 0) die("the upgrade was refused: %.40s", f->buffer);
    f->upgraded = 1;
    send_frame(f->fd, 1, start, sizeof start - 1);
    return (size_t)(end - f->buffer) + 4;
}

static void receive(uint32_t id) {
    struct feed *f = &feeds[id];
    ssize_t got = recv(f->fd, f->buffer + f->length, BUFFER - f->length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) die("the server hung up on socket %u", id);
    uint64_t at_ns = now_ns();
    f->length += (size_t)got;
    size_t at = 0, used;
    do {
        used = f->upgraded ? take_frame(id, f->buffer + at, f->length - at, at_ns) : take_upgrade(f);
        at += used;
    } while (used && at < f->length);
    if (!at && f->length == BUFFER) die("a frame is too long");
    memmove(f->buffer, f->buffer + at, f->length - at);
    f->length -= at;
}

int main(int argc, char **argv) {
    if (argc != 8) die("usage: feed PORT SOCKETS TOKENS MARKER EXPECTED RESULTS SECONDS");
    begin_process();
    port = atoi(argv[1]);
    size = (uint32_t)atoi(argv[2]);
    if (strcmp(argv[3], "-") != 0) load_tokens(argv[3]);
    marker = argv[4];
    expected = (size_t)atol(argv[5]);
    feeds = allocate(size * sizeof *feeds);
    arrivals = allocate(expected * size * sizeof *arrivals);
    uint64_t give_up_ns = now_ns() + (uint64_t)(atof(argv[7]) * 1e9);
    int ended = 0, told = 0;
    epoll = epoll_create1(0);
    watch(epoll, 0, INPUT);
    while (opened < size && opened < HANDSHAKES) open_next();
    while (!ended && (!expected || arrived < expected * size) && now_ns() < give_up_ns) {
        struct epoll_event events[256];
        if (live == size && !told) {
            printf("ready\n");
            fflush(stdout);
            told = 1;
        }
        int ready = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            char line[64];
            if (events[i].data.u32 != INPUT) receive(events[i].data.u32);
            else if (read(0, line, sizeof line) <= 0) ended = 1;
        }
    }
    struct usage to = usage_now();
    if (!arrived) from = to;
    write_file(argv[6], arrivals, sizeof *arrivals, arrived);
    printf("{\"live\": %u, \"arrived\": %zu, \"extra\": %zu, \"others\": %zu, \"bytes\": %zu, ", live, arrived, extra,
           others, bytes);
    print_usage(from, to);
    printf("}\n");
    return 0;
}
