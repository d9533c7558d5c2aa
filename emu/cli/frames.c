/*
 * --frames; see frames.h.
 *
 * Its value is a preset or a list as QEMU writes them: alloc=NAME, free=NAME,
 * drop=NAME and via=NAME, each as often as need be, and size=BYTES. Behind a
 * name, :aN says in which argument its order of two is.
 */
#include "cli/frames.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CSR_SATP 0x180
#define PRIV_M 3
#define PAGE 4096
#define SIZE_MAX_BYTES (UINT64_C(1) << 30)

static const struct {
    const char *name;
    const char *value;
} presets[] = {
    /* kfree() fills what it frees; where it counts, it may not free. */
    {"xv6", "alloc=kalloc,drop=kfree"},
    {"ucore", "alloc=kalloc,drop=kfree"},
    {"ours", "alloc=frames_alloc:a0,free=frames_free:a1,"
             "via=frame_alloc_zeroed,via=pt_make,via=frame_put,via=kmalloc,"
             "via=kzalloc,via=kfree"},
};

static int refuse(struct rvemu_error *error, const char *value, const char *bad,
                  size_t length, const char *why)
{
    return rvemu_error_set(error, "--frames %s: '%.*s' %s", value, (int)length,
                           bad, why);
}

/* An address in hex, or a symbol. */
static int find_function(struct rvemu_symbols *symbols, const char *name,
                         uint64_t *va, const char **why)
{
    char *end;

    if (!strncmp(name, "0x", 2)) {
        errno = 0;
        *va = strtoull(name, &end, 16);
        *why = "is no address";
        return isxdigit((unsigned char)name[2]) && !*end && !errno ? 0 : -1;
    }
    switch (rvemu_symbols_address(symbols, name, va)) {
    case 0: return 0;
    case 1:
        *why = "is no symbol of the guest; its file can be named by --symbols";
        return -1;
    default:
        *why = "are several symbols of the guest; an address, 0x…, is clear";
        return -1;
    }
}

/* Cuts ":aN" off a name. */
static bool read_order(char *name, uint8_t *order)
{
    char *colon = strchr(name, ':');

    *order = RVEMU_FRAMES_ONE;
    if (!colon)
        return true;
    *colon = '\0';
    if (colon[1] != 'a' || colon[2] < '0' || colon[2] > '3' || colon[3])
        return false;
    *order = (uint8_t)(colon[2] - '0');
    return true;
}

static int add_function(struct rvemu_frames *frames, const char *value,
                        const struct rvemu_list_item *item,
                        enum rvemu_frames_does does,
                        struct rvemu_symbols *symbols,
                        struct rvemu_error *error)
{
    struct rvemu_frames_function added = {.does = does};
    char name[256];
    const char *why = "is too long";

    if (frames->count == RVEMU_FRAMES_FUNCTIONS)
        return refuse(error, value, item->name, item->length,
                      "is one function too many: 16 are watched");
    if (!item->value_length)
        return refuse(error, value, item->name, item->length,
                      "names no function");
    if (rvemu_list_value(item, name, sizeof(name)) >= sizeof(name) ||
        !read_order(name, &added.order))
        return refuse(error, value, item->value, item->value_length,
                      "is no NAME or NAME:aN with N from 0 to 3");
    if (find_function(symbols, name, &added.va, &why) < 0)
        return refuse(error, value, name, strlen(name), why);
    frames->function[frames->count++] = added;
    return 0;
}

static int read_size(struct rvemu_frames *frames, const char *value,
                     const struct rvemu_list_item *item,
                     struct rvemu_error *error)
{
    char text[32], *end;

    rvemu_list_value(item, text, sizeof(text));
    errno = 0;
    frames->size = strtoull(text, &end, 0);
    if (!isdigit((unsigned char)*text) || *end || errno || !frames->size ||
        frames->size % PAGE || frames->size > SIZE_MAX_BYTES)
        return refuse(error, value, item->value, item->value_length,
                      "is no multiple of 4096, up to 1 GiB");
    return 0;
}

static int read_item(struct rvemu_frames *frames, const char *value,
                     const struct rvemu_list_item *item,
                     struct rvemu_symbols *symbols, struct rvemu_error *error)
{
    static const char *const keys[] = {
        [RVEMU_FRAMES_ALLOC] = "alloc",
        [RVEMU_FRAMES_FREE] = "free",
        [RVEMU_FRAMES_DROP] = "drop",
        [RVEMU_FRAMES_VIA] = "via",
    };

    for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (rvemu_list_is(item, keys[i]))
            return add_function(frames, value, item, (enum rvemu_frames_does)i,
                                symbols, error);
    if (rvemu_list_is(item, "size") && item->value)
        return read_size(frames, value, item, error);
    return refuse(error, value, item->name, item->length,
                  "is neither a preset (xv6, ucore, ours) nor alloc=, free=, "
                  "drop=, via= or size=");
}

static bool does(const struct rvemu_frames *frames, enum rvemu_frames_does what)
{
    for (unsigned i = 0; i < frames->count; i++)
        if (frames->function[i].does == what)
            return true;
    return false;
}

/* A pointer is what the hart's translation makes of it. */
static bool locate(void *self, unsigned hart, uint64_t pointer, uint64_t *pa)
{
    const struct frames_watch *watch = self;
    uint64_t satp;

    *pa = pointer;
    if (rvemu_priv(watch->machine, hart) == PRIV_M)
        return true;
    return rvemu_csr(watch->machine, hart, CSR_SATP, &satp) == 0 &&
           rvemu_translate(watch->machine, satp, pointer, pa) == 0;
}

static bool read_memory(void *self, uint64_t pa, void *bytes, size_t count)
{
    const struct frames_watch *watch = self;

    return rvemu_read_ram(watch->machine, pa, bytes, count) == 0;
}

int frames_open(struct frames_watch *watch, const char *value,
                struct rvemu_symbols *symbols, struct rvemu_error *error)
{
    struct rvemu_list_item item;
    const char *list = value;

    *watch = (struct frames_watch){
        .config = {
            .size = PAGE, .arg = watch, .locate = locate, .read = read_memory}};
    for (unsigned i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
        if (!strcmp(value, presets[i].name))
            list = presets[i].value;
    while (rvemu_list_next(&list, &item))
        if (read_item(&watch->config, value, &item, symbols, error) < 0)
            return -1;
    if (!does(&watch->config, RVEMU_FRAMES_ALLOC) ||
        (!does(&watch->config, RVEMU_FRAMES_FREE) &&
         !does(&watch->config, RVEMU_FRAMES_DROP)))
        return rvemu_error_set(error,
                               "--frames %s: needs alloc=NAME, and free=NAME "
                               "or drop=NAME",
                               value);
    return 0;
}

int frames_attach(struct frames_watch *watch, rvemu *machine,
                  struct rvemu_error *error)
{
    const struct rvemu_frames *config = &watch->config;

    watch->machine = machine;
    for (unsigned i = 0; i < config->count; i++)
        if (rvemu_probe_add(machine, config->function[i].va,
                            config->function[i].does != RVEMU_FRAMES_FREE) < 0)
            return rvemu_error_set(error, "no memory for probes");
    return 0;
}
