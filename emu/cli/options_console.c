/*
 * Where the guest's serial line goes: -serial, -chardev, and where the monitor
 * is, -monitor, -mon; and what the guest prints by semihosting. An option
 * that names a -chardev becomes what that says when all options are read.
 */
#include <string.h>

#include "cli/options_priv.h"

#define FORMS \
    "say mon:stdio, stdio, pty, null or file:PATH; there is no other yet"

/* Forms of -serial and -monitor that are a word. */
static const struct {
    const char *word;
    enum options_serial kind;
} words[] = {
    {"mon:stdio", OPTIONS_MON_STDIO},
    {"stdio", OPTIONS_STDIO},
    {"pty", OPTIONS_PTY},
    {"null", OPTIONS_NULL},
    {"none", OPTIONS_NULL},
};

#define WORDS (sizeof(words) / sizeof(words[0]))

static bool keep(char *text, size_t size, const char *value)
{
    size_t length = strlen(value);

    if (!length || length >= size)
        return false;
    memcpy(text, value, length + 1);
    return true;
}

/* A form of -serial. False: it is none. */
static bool read_stream(struct options_stream *stream, const char *value)
{
    *stream = (struct options_stream){0};
    for (unsigned i = 0; i < WORDS; i++)
        if (!strcmp(value, words[i].word)) {
            stream->kind = words[i].kind;
            return true;
        }
    stream->kind = OPTIONS_FILE;
    if (!strncmp(value, "file:", 5))
        return keep(stream->path, sizeof(stream->path), value + 5);
    stream->kind = OPTIONS_CHARDEV;
    if (!strncmp(value, "chardev:", 8))
        return keep(stream->id, sizeof(stream->id), value + 8);
    return false;
}

int options_set_serial(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    struct options_stream stream;

    if (!read_stream(&stream, value))
        return options_refuse(error, "-serial", value, FORMS);
    if (o->serials && stream.kind != OPTIONS_NULL)
        return options_refuse(error, "-serial", value,
                              "the machine has one serial line, and a -serial "
                              "was given before");
    if (!o->serials)
        o->serial = stream;
    o->serials++;
    return 0;
}

/* Who uses it sits where emu was started. */
int options_set_monitor(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    o->has_monitor = true;
    if (!read_stream(&o->monitor, value) || o->monitor.kind == OPTIONS_PTY ||
        o->monitor.kind == OPTIONS_FILE)
        return options_refuse(error, "-monitor", value,
                              "say stdio, none or chardev:ID; there is no "
                              "other yet");
    return 0;
}

/* "[chardev=]ID[,mode=readline]". */
int options_set_mon(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    const char *rest = value;
    struct rvemu_list_item item;

    o->has_monitor = true;
    o->monitor = (struct options_stream){.kind = OPTIONS_CHARDEV};
    while (rvemu_list_next(&rest, &item)) {
        if (rvemu_list_is(&item, "chardev")) {
            if (!options_read_text(&item, o->monitor.id, sizeof(o->monitor.id)))
                return options_refuse(error, "-mon", value, "names no chardev");
        } else if (!item.value && item.length && item.length < OPTIONS_ID_MAX &&
                   !o->monitor.id[0]) {
            memcpy(o->monitor.id, item.name, item.length);
        } else if (!rvemu_list_is(&item, "mode") ||
                   !rvemu_list_has(&item, "readline")) {
            return options_refuse(error, "-mon", value,
                                  "say chardev=ID,mode=readline; there is no "
                                  "other yet");
        }
    }
    return 0;
}

static const struct {
    const char *name;
    enum options_serial kind;
} backends[] = {
    {"stdio", OPTIONS_STDIO},
    {"file", OPTIONS_FILE},
    {"pty", OPTIONS_PTY},
    {"null", OPTIONS_NULL},
};

#define BACKENDS (sizeof(backends) / sizeof(backends[0]))

/* A property of a -chardev. False: it will not do. */
static bool take_property(struct options_stream *c,
                          const struct rvemu_list_item *item)
{
    bool ignored;

    if (rvemu_list_is(item, "id"))
        return options_read_text(item, c->id, sizeof(c->id));
    if (rvemu_list_is(item, "mux"))
        return options_read_switch(item, &c->mux);
    if (rvemu_list_is(item, "signal"))
        return options_read_switch(item, &ignored);
    if (rvemu_list_is(item, "logfile"))
        return options_read_text(item, c->log, sizeof(c->log));
    if (rvemu_list_is(item, "logappend"))
        return options_read_switch(item, &c->log_append);
    if (c->kind != OPTIONS_FILE)
        return false;
    if (rvemu_list_is(item, "path"))
        return options_read_text(item, c->path, sizeof(c->path));
    return rvemu_list_is(item, "append") &&
           options_read_switch(item, &c->append);
}

static int read_properties(struct options_stream *c, const char *value,
                           const char *rest, struct rvemu_error *error)
{
    struct rvemu_list_item item;

    while (rvemu_list_next(&rest, &item))
        if (!take_property(c, &item))
            return rvemu_error_set(error,
                                   "-chardev %s: %.*s is not supported yet, or "
                                   "has no such value",
                                   value, (int)item.length, item.name);
    if (!c->id[0])
        return options_refuse(error, "-chardev", value, "has no id=");
    if (c->kind == OPTIONS_FILE && !c->path[0])
        return options_refuse(error, "-chardev", value, "has no path=");
    return 0;
}

static struct options_stream *find_chardev(struct options *o, const char *id)
{
    for (unsigned i = 0; i < o->chardevs_count; i++)
        if (!strcmp(o->chardev[i].id, id))
            return &o->chardev[i];
    return NULL;
}

int options_set_chardev(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    struct options_stream c = {0};
    struct rvemu_list_item item;
    const char *rest = value;
    unsigned i = 0;

    rvemu_list_next(&rest, &item);
    while (i < BACKENDS && !(rvemu_list_is(&item, backends[i].name) ||
                             (rvemu_list_is(&item, "backend") &&
                              rvemu_list_has(&item, backends[i].name))))
        i++;
    if (i == BACKENDS)
        return options_refuse(error, "-chardev", value,
                              "say stdio, file, pty or null; there is no "
                              "other yet");
    c.kind = backends[i].kind;
    if (read_properties(&c, value, rest, error) < 0)
        return -1;
    if (find_chardev(o, c.id))
        return options_refuse(error, "-chardev", value,
                              "there is one of this id already");
    if (o->chardevs_count == OPTIONS_CHARDEVS_MAX)
        return options_refuse(error, "-chardev", value,
                              "16 of them are enough");
    o->chardev[o->chardevs_count++] = c;
    return 0;
}

/* A property of -semihosting-config. False: it will not do. */
static bool take_semihosting(struct options *o,
                             const struct rvemu_list_item *item)
{
    struct rvemu_hart_config *hart = &o->machine.hart;

    if (rvemu_list_is(item, "enable"))
        return options_read_switch(item, &hart->semihosting);
    if (rvemu_list_is(item, "userspace"))
        return options_read_switch(item, &hart->user_semihosting);
    if (rvemu_list_is(item, "target"))
        return rvemu_list_has(item, "native") || rvemu_list_has(item, "auto");
    return rvemu_list_is(item, "chardev") &&
           options_read_text(item, o->semihosting_id,
                             sizeof(o->semihosting_id));
}

int options_set_semihosting_config(struct options *o, const char *value,
                                   struct rvemu_error *error)
{
    const char *rest = value;
    struct rvemu_list_item item;

    o->machine.hart.semihosting = true;
    while (rvemu_list_next(&rest, &item))
        if (!take_semihosting(o, &item))
            return options_refuse(error, "-semihosting-config", value,
                                  "say enable=on|off, target=native|auto, "
                                  "chardev=ID, userspace=on|off; there is no "
                                  "other yet");
    return 0;
}

static bool is_stdio(const struct options_stream *stream)
{
    return stream->kind == OPTIONS_STDIO || stream->kind == OPTIONS_MON_STDIO;
}

/* Settles where the guest prints by semihosting, when it is settled where its
 * serial line goes. */
static int connect_semihosting(struct options *o, struct rvemu_error *error)
{
    const struct options_stream *c;

    if (!o->semihosting_id[0])
        return 0;
    c = find_chardev(o, o->semihosting_id);
    if (!c)
        return options_refuse(error,
                              "-semihosting-config chardev=", o->semihosting_id,
                              "there is no -chardev of this id");
    if (!strcmp(c->id, o->serial.id) || (is_stdio(c) && is_stdio(&o->serial)))
        return 0;
    if (o->serial.kind == OPTIONS_NULL) {
        o->hosted = OPTIONS_HOSTED_ALONE;
        o->serial = *c;
        return 0;
    }
    o->hosted = OPTIONS_HOSTED_APART;
    o->semihosting = *c;
    return 0;
}

/* The machine's console becomes that of a virtconsole, if there is one; the
 * serial line leads nowhere then. */
static int connect_virtconsole(struct options *o, struct rvemu_error *error)
{
    const struct options_plug *plug = NULL;
    const struct options_stream *c;

    for (unsigned i = 0; i < o->plugs_count; i++)
        if (o->plug[i].kind == RVEMU_VIRTIO_CONSOLE)
            plug = &o->plug[i];
    if (!plug)
        return 0;
    if (!plug->chardev[0])
        return rvemu_error_set(error, "-device virtio-serial-device: a -device "
                                      "virtconsole is missing; there is no "
                                      "other port yet");
    c = find_chardev(o, plug->chardev);
    if (!c)
        return options_refuse(error,
                              "-device virtconsole,chardev=", plug->chardev,
                              "there is no -chardev of this id");
    if (o->serials && o->serial.kind != OPTIONS_NULL)
        return rvemu_error_set(error, "-device virtconsole: there is one "
                                      "console; say -serial none with it");
    o->serial = *c;
    if (c->kind == OPTIONS_STDIO && c->mux)
        o->serial.kind = OPTIONS_MON_STDIO;
    return 0;
}

static int connect_serial(struct options *o, struct rvemu_error *error)
{
    struct options_stream *serial = &o->serial;

    if (serial->kind != OPTIONS_CHARDEV)
        return 0;
    if (!find_chardev(o, serial->id))
        return options_refuse(error, "-serial chardev:", serial->id,
                              "there is no -chardev of this id");
    *serial = *find_chardev(o, serial->id);
    if (serial->kind == OPTIONS_STDIO && serial->mux)
        serial->kind = OPTIONS_MON_STDIO;
    return 0;
}

/* What -monitor says becomes a stream that is no name of one. */
static int find_monitor(struct options *o, struct rvemu_error *error)
{
    const struct options_stream *c = &o->monitor;

    if (c->kind != OPTIONS_CHARDEV)
        return 0;
    c = find_chardev(o, o->monitor.id);
    if (!c)
        return options_refuse(error, "-monitor", o->monitor.id,
                              "there is no -chardev of this id");
    if (!is_stdio(c) && c->kind != OPTIONS_NULL)
        return options_refuse(error, "-monitor", o->monitor.id,
                              "a monitor can be at stdio, or at null for none; "
                              "there is no other yet");
    o->monitor.kind = c->kind;
    return 0;
}

/* Console and monitor share what is both standard input and output. Where no
 * -serial says otherwise they do. */
static int connect_monitor(struct options *o, struct rvemu_error *error)
{
    if (!o->has_monitor || o->serial.kind == OPTIONS_MON_STDIO) {
        bool is_none = o->has_monitor && !is_stdio(&o->monitor);

        o->monitor_at = is_none || o->serial.kind != OPTIONS_MON_STDIO
                            ? OPTIONS_MONITOR_NONE
                            : OPTIONS_MONITOR_SHARES;
        return 0;
    }
    if (!is_stdio(&o->monitor))
        return 0;
    if (is_stdio(&o->serial))
        return rvemu_error_set(error,
                               "-monitor stdio: the console is at stdio; "
                               "say -serial mon:stdio for both");
    o->monitor_at = OPTIONS_MONITOR_STDIO;
    return 0;
}

int options_connect(struct options *o, struct rvemu_error *error)
{
    if (find_monitor(o, error) < 0)
        return -1;
    if (!o->serials && o->has_monitor && !is_stdio(&o->monitor))
        o->serial.kind = OPTIONS_STDIO;
    if (connect_virtconsole(o, error) < 0 || connect_serial(o, error) < 0 ||
        connect_monitor(o, error) < 0)
        return -1;
    o->piped_escapes =
        o->serial.kind == OPTIONS_MON_STDIO &&
        (o->nographic || o->has_monitor || o->serials || o->serial.id[0]);
    return connect_semihosting(o, error);
}
