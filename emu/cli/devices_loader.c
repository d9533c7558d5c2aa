/*
 * -device loader: what lies in RAM besides, and where harts start, as QEMU
 * reads it ("Generic Loader"): a file, a value of up to 8 bytes, or nothing but
 * the address at which a hart starts.
 */
#include <string.h>

#include "cli/options_priv.h"

/* What one of them says. */
struct properties {
    struct options_load *load;
    bool has_addr, has_data, has_length, big_endian, force_raw, has_hart;
    uint64_t addr, data, length, hart;
};

static int refuse(struct rvemu_error *error, const char *why)
{
    return rvemu_error_set(error, "-device loader: %s", why);
}

static bool read_value(const struct rvemu_list_item *item, uint64_t *value,
                       bool *has)
{
    char text[32];

    *has = true;
    return options_read_text(item, text, sizeof(text)) &&
           options_read_number(text, value);
}

static bool take(struct properties *p, const struct rvemu_list_item *item,
                 bool *known)
{
    *known = true;
    if (rvemu_list_is(item, "file"))
        return options_read_text(item, p->load->path, sizeof(p->load->path));
    if (rvemu_list_is(item, "addr"))
        return read_value(item, &p->addr, &p->has_addr);
    if (rvemu_list_is(item, "data"))
        return read_value(item, &p->data, &p->has_data);
    if (rvemu_list_is(item, "data-len"))
        return read_value(item, &p->length, &p->has_length);
    if (rvemu_list_is(item, "cpu-num"))
        return read_value(item, &p->hart, &p->has_hart);
    if (rvemu_list_is(item, "data-be"))
        return options_read_switch(item, &p->big_endian);
    if (rvemu_list_is(item, "force-raw"))
        return options_read_switch(item, &p->force_raw);
    *known = rvemu_list_is(item, "id");
    return true;
}

static int take_all(struct properties *p, const char *rest,
                    struct rvemu_error *error)
{
    struct rvemu_list_item item;
    bool known;

    while (rvemu_list_next(&rest, &item)) {
        if (!take(p, &item, &known))
            return rvemu_error_set(error,
                                   "-device loader: %.*s=%.*s will not "
                                   "do",
                                   (int)item.length, item.name,
                                   (int)item.value_length,
                                   item.value ? item.value : "");
        if (!known)
            return rvemu_error_set(error,
                                   "-device loader: there is no '%.*s'; say "
                                   "file=, data=, data-len=, data-be=, addr=, "
                                   "cpu-num= or force-raw=",
                                   (int)item.length, item.name);
    }
    return 0;
}

/* What goes together. */
static int check(const struct properties *p, struct rvemu_error *error)
{
    bool is_file = p->load->path[0] != '\0';
    bool is_value = p->has_data || p->has_length || p->big_endian;

    if (is_file && is_value)
        return refuse(error, "say file= or data=, not both");
    if (is_value && (!p->has_data || !p->length || p->length > 8))
        return refuse(error, "say data= and data-len=, of 1 to 8 bytes");
    if (is_value && p->force_raw)
        return refuse(error, "force-raw= is for a file=");
    if (is_value && !p->has_addr)
        return refuse(error, "say addr=, where the data go");
    if (!is_file && !is_value && !p->has_addr)
        return refuse(error, "say file=, or data= and data-len=, and addr=");
    if (!is_file && !is_value && !p->has_hart)
        return refuse(error, "say file= or data=, or cpu-num= if a hart is to "
                             "start at addr=");
    if (p->has_hart && p->hart >= RVEMU_HARTS_MAX)
        return refuse(error, "cpu-num= is the number of a hart, 0 to 7");
    return 0;
}

int options_take_loader(struct options *o, const char *rest,
                        struct rvemu_error *error)
{
    struct properties p = {.load = &o->load[o->loads_count]};

    if (o->loads_count == OPTIONS_LOADS_MAX)
        return refuse(error, "16 of them are enough");
    if (take_all(&p, rest, error) < 0 || check(&p, error) < 0)
        return -1;
    for (unsigned i = 0; i < p.length; i++) {
        unsigned to = (unsigned)(p.big_endian ? p.length - 1 - i : i);

        p.load->data[to] = (uint8_t)(p.data >> 8 * i);
    }
    p.load->extra = (struct rvemu_extra){.image.size = p.length,
                                         .pa = p.addr,
                                         .is_raw = p.force_raw,
                                         .is_patch = p.has_data,
                                         .has_hart = p.has_hart && !p.has_data,
                                         .hart = (unsigned)p.hart};
    o->loads_count++;
    return 0;
}
