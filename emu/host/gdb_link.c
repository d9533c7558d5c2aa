/* The line to a debugger; see gdb_link.h. */
#include "host/gdb_link.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define INTERRUPT 0x03

static void await(struct gdb_link *link, int fd)
{
    link->client.fd = fd;
    link->client.events = POLLIN;
}

static void hang_up(struct gdb_link *link)
{
    close(link->connection);
    link->connection = -1;
    link->is_gone = true;
    await(link, link->listener);
}

/* Who connects is served until it goes; the next one waits till then. */
static void take_call(struct gdb_link *link)
{
    int on = 1, fd = accept(link->listener, NULL, NULL);

    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    link->connection = fd;
    link->is_new = true;
    link->no_acks = false;
    link->received = link->sent = 0;
    await(link, fd);
}

static void receive(struct gdb_link *link)
{
    size_t room = sizeof(link->in) - link->received;
    ssize_t n;

    if (!room)
        return;
    n = recv(link->connection, link->in + link->received, room, MSG_DONTWAIT);
    if (n > 0)
        link->received += (size_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        hang_up(link);
    if (link->connection >= 0 && link->received == sizeof(link->in))
        link->client.events = 0;
}

static void serve(void *self)
{
    struct gdb_link *link = self;

    if (link->connection >= 0)
        receive(link);
    else if (!link->is_gone)
        take_call(link);
}

static bool listen_at(struct gdb_link *link, const struct addrinfo *address)
{
    int on = 1;

    link->listener = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link->listener < 0)
        return false;
    setsockopt(link->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(link->listener, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(link->listener, 1) == 0)
        return true;
    on = errno;
    close(link->listener);
    link->listener = -1;
    errno = on;
    return false;
}

static void begin(struct gdb_link *link, struct loop *loop)
{
    link->loop = loop;
    link->listener = link->connection = -1;
    link->path[0] = '\0';
    link->client = (struct loop_client){.ready = serve, .self = link};
}

int gdb_link_open(struct gdb_link *link, struct loop *loop, const char *host,
                  const char *port, struct rvemu_error *error)
{
    const struct addrinfo hints = {.ai_family = AF_INET,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE};
    struct addrinfo *found;
    int failed;

    begin(link, loop);
    failed = getaddrinfo(*host ? host : "127.0.0.1", port, &hints, &found);
    if (failed)
        return rvemu_error_set(error, "-gdb tcp:%s:%s: %s", host, port,
                               gai_strerror(failed));
    if (!listen_at(link, found))
        failed = rvemu_error_set(error, "-gdb tcp:%s:%s: %s", host, port,
                                 strerror(errno));
    freeaddrinfo(found);
    if (failed)
        return -1;
    await(link, link->listener);
    loop_add(loop, &link->client);
    return 0;
}

/* Takes away a socket at which nobody listens any more. */
static void remove_stale(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct stat what;

    if (fd < 0)
        return;
    if (lstat(address->sun_path, &what) == 0 && S_ISSOCK(what.st_mode) &&
        connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
        errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(fd);
}

int gdb_link_open_path(struct gdb_link *link, struct loop *loop,
                       const char *path, struct rvemu_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct addrinfo at = {.ai_family = AF_UNIX,
                                .ai_addr = (struct sockaddr *)&address,
                                .ai_addrlen = sizeof(address)};

    begin(link, loop);
    if (strlen(path) >= sizeof(address.sun_path))
        return rvemu_error_set(error, "-gdb unix:%s: the name is too long",
                               path);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    remove_stale(&address);
    if (!listen_at(link, &at))
        return rvemu_error_set(error, "-gdb unix:%s: %s", path,
                               strerror(errno));
    snprintf(link->path, sizeof(link->path), "%s", path);
    await(link, link->listener);
    loop_add(loop, &link->client);
    return 0;
}

void gdb_link_close(struct gdb_link *link)
{
    if (link->listener < 0)
        return;
    loop_remove(link->loop, &link->client);
    if (link->connection >= 0)
        close(link->connection);
    close(link->listener);
    if (link->path[0])
        unlink(link->path);
    link->listener = link->connection = -1;
}

/* Whether the input begins with a packet that is whole, or too long to be. */
static bool is_whole(const struct gdb_link *link)
{
    const char *end = memchr(link->in, '#', link->received);

    return end ? (size_t)(end - link->in) + 3 <= link->received
               : link->received == sizeof(link->in);
}

bool gdb_link_has(const struct gdb_link *link)
{
    return link->is_new || link->is_gone ||
           (link->received && (link->in[0] != '$' || is_whole(link)));
}

static void drop(struct gdb_link *link, size_t count)
{
    link->received -= count;
    memmove(link->in, link->in + count, link->received);
    if (link->connection >= 0)
        link->client.events = POLLIN;
}

static void put(struct gdb_link *link, const char *bytes, size_t count)
{
    while (count && link->connection >= 0) {
        ssize_t n =
            send(link->connection, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n > 0) {
            bytes += n;
            count -= (size_t)n;
        } else if (errno != EAGAIN && errno != EINTR) {
            hang_up(link);
        } else if (loop_patience(link->loop) == 0) {
            return;
        } else {
            loop_wait_for(link->loop, &link->client, POLLOUT,
                          loop_patience(link->loop));
            link->client.events = POLLIN;
        }
    }
}

static unsigned sum_of(const char *text, size_t count)
{
    unsigned sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (unsigned char)text[i];
    return sum & 0xff;
}

/* Takes the packet that begins the input. GDB_LINK_NOTHING: it is not whole
 * yet, or its sum is wrong. */
static enum gdb_link_kind take_packet(struct gdb_link *link)
{
    const char *end = memchr(link->in, '#', link->received);
    size_t count = end ? (size_t)(end - link->in) - 1 : 0;
    bool is_right;
    char sum[3];

    if (!end && link->received == sizeof(link->in))
        drop(link, link->received); /* too long to be answered */
    if (!end || count + 4 > link->received)
        return GDB_LINK_NOTHING;
    memcpy(link->text, link->in + 1, count);
    link->text[count] = '\0';
    snprintf(sum, sizeof(sum), "%02x", sum_of(link->text, count));
    is_right = !strncasecmp(sum, end + 1, 2);
    drop(link, count + 4);
    if (!link->no_acks)
        put(link, is_right ? "+" : "-", 1);
    return is_right ? GDB_LINK_PACKET : GDB_LINK_NOTHING;
}

enum gdb_link_kind gdb_link_take(struct gdb_link *link)
{
    if (link->is_new) {
        link->is_new = false;
        return GDB_LINK_OPENED;
    }
    while (link->received) {
        char first = link->in[0];

        if (first == '$' && link->is_gone && !is_whole(link)) {
            link->received = 0; /* the rest does not come */
            break;
        }
        if (first == '$')
            return take_packet(link);
        drop(link, 1);
        if (first == INTERRUPT)
            return GDB_LINK_INTERRUPT;
        if (first == '-')
            put(link, link->out, link->sent);
    }
    if (link->is_gone) {
        link->is_gone = false;
        return GDB_LINK_CLOSED;
    }
    return GDB_LINK_NOTHING;
}

void gdb_link_send(struct gdb_link *link, const char *text)
{
    size_t count = strnlen(text, GDB_LINK_TEXT);
    char sum[4];

    link->out[0] = '$';
    memcpy(link->out + 1, text, count);
    snprintf(sum, sizeof(sum), "#%02x", sum_of(text, count));
    memcpy(link->out + 1 + count, sum, 3);
    link->sent = count + 4;
    put(link, link->out, link->sent);
}

void gdb_link_stop_acks(struct gdb_link *link)
{
    link->no_acks = true;
}
