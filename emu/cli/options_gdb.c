/*
 * Where a debugger may connect: -gdb, and -s for the usual place. Of QEMU's
 * character devices it is TCP or a socket of the file system, at which emu
 * listens and does not wait, whatever else the value says of that.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_priv.h"

#define PORT_MAX 65535
#define FORMS                                                             \
    "say tcp::PORT, or tcp:HOST:PORT for who may connect there, or unix:" \
    "PATH"

/* "server=on,wait=off" and their like: -S waits. */
static bool is_known(const char *properties)
{
    static const char *const known[] = {"server", "nowait", "wait", "nodelay",
                                        "ipv4"};
    struct rvemu_list_item item;
    bool found = true;

    while (found && rvemu_list_next(&properties, &item)) {
        found = false;
        for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            found |= rvemu_list_is(&item, known[i]);
    }
    return found;
}

/* Decimal, whatever it begins with. */
static bool read_port(const char *digits, uint64_t *number)
{
    char *end;

    *number = strtoull(digits, &end, 10);
    return isdigit((unsigned char)*digits) && !*end;
}

/* "unix:PATH", with properties behind it as TCP has them. */
static int set_path(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    const char *path = value + strlen("unix:");
    size_t length = strcspn(path, ",");

    if (!length || length >= sizeof(o->gdb.path) ||
        (path[length] && !is_known(path + length + 1)))
        return options_refuse(error, "-gdb", value, FORMS);
    memcpy(o->gdb.path, path, length);
    o->gdb.path[length] = '\0';
    o->gdb.is_given = true;
    return 0;
}

int options_set_gdb(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    const char *host = value + strlen("tcp:"), *port;
    size_t host_length, port_length;
    char digits[sizeof(o->gdb.port)] = "";
    uint64_t number;

    if (!strncmp(value, "unix:", strlen("unix:")))
        return set_path(o, value, error);
    if (strncmp(value, "tcp:", strlen("tcp:")) != 0 || !strchr(host, ':'))
        return options_refuse(error, "-gdb", value, FORMS);
    port = strchr(host, ':') + 1;
    host_length = (size_t)(port - 1 - host);
    port_length = strcspn(port, ",");
    if (port_length < sizeof(digits))
        memcpy(digits, port, port_length);
    if (!read_port(digits, &number) || number > PORT_MAX || !number ||
        host_length >= sizeof(o->gdb.host) ||
        (port[port_length] && !is_known(port + port_length + 1)))
        return options_refuse(error, "-gdb", value, FORMS);
    memcpy(o->gdb.host, host, host_length);
    o->gdb.host[host_length] = '\0';
    memcpy(o->gdb.port, digits, sizeof(digits));
    o->gdb.path[0] = '\0';
    o->gdb.is_given = true;
    return 0;
}

int options_set_gdb_usual(struct options *o, const char *value,
                          struct rvemu_error *error)
{
    return options_set_gdb(o, "tcp::1234", error);
}
