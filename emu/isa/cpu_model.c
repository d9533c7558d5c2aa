/*
 * -cpu; see cpu_model.h. Names that QEMU 10 knows and we do not have are
 * listed, so that turning them off is no error and turning them on says so;
 * any other name is refused. No state.
 */
#include "isa/cpu_model.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <rvemu/list.h>

#include "base/bits.h"

#define SET(id) EXT_SET(id)
#define TRANSLATIONS (SET(SV39) | SET(SV48) | SET(SV57))
#define NAME_MAX_LENGTH 32

/* What a model has, beyond what follows from it. */
static const struct {
    const char *name;
    u64 set;
} models[] = {
    {"rv64", EXT_DEFAULT},
    {"max", EXT_DEFAULT},
    {"rv64i", SET(PMP) | SET(SVADE) | SET(ZIFENCEI)},
    {"rva22s64",
     SET(M) | SET(ZMMUL) | SET(A) | SET(ZAAMO) | SET(ZALRSC) | SET(F) | SET(D) |
         SET(C) | SET(ZCA) | SET(B) | SET(ZBA) | SET(ZBB) | SET(ZBS) |
         SET(ZICBOM) | SET(ZICBOP) | SET(ZICBOZ) | SET(ZICNTR) | SET(ZIFENCEI) |
         SET(ZIHINTPAUSE) | SET(ZIHPM) | SET(ZFHMIN) | SET(ZKT) | SET(SV39) |
         SET(SVADE) | SET(SVINVAL) | SET(SVPBMT) | SET(PMP)},
};

#define MODELS (sizeof(models) / sizeof(models[0]))

static const char absent[] =
    " e h v zicfilp zicfiss zicond zihintntl zimop zabha zacas zama16b "
    "zawrs zfa zfbfmin zfh zfinx zdinx zhinx zhinxmin zcb zce zcf zcmop zcmp "
    "zcmt zilsd zclsd zbkb zbkc zbkx zk zkn zknd zkne zknh zkr zks zksed zksh "
    "ztso zvbb zvbc zve32f zve32x zve64d zve64f zve64x zvfbfmin zvfbfwma zvfh "
    "zvfhmin zvkb zvkg zvkn zvknc zvkned zvkng zvknha zvknhb zvks zvksc zvksed "
    "zvksg zvksh zvkt sha ssstateen smaia smcdeleg smcntrpmf smcsrind smdbltrp "
    "smepmp smmpm smnpm smrnmi smstateen ssaia ssccfg sscsrind ssdbltrp ssnpm "
    "sspm supm smctr ssctr svrsw60t59b svukte sv64 x-smaia x-ssaia x-epmp x-j "
    "xtheadba xtheadbb xtheadbs xtheadcmo xtheadcondmov xtheadfmemidx "
    "xtheadfmv xtheadmac xtheadmemidx xtheadmempair xtheadsync "
    "xventanacondops debug x-h x-v x-b x-k ";

/* The extensions that -cpu turns on and off by name. */
struct request {
    const char *text; /* all of it, for messages */
    u64 on;
    u64 off;
};

static const char *shown(const char *text)
{
    return *text ? text : "''";
}

static int refuse(const struct request *r, const char *name, const char *why,
                  const char *other, struct rvemu_error *error)
{
    return error_set(error, "-cpu %s: %s %s%s", shown(r->text), shown(name),
                     why, other);
}

/* The extension of a name, or EXT_COUNT. */
static unsigned find_extension(const char *name)
{
    unsigned e = 0;

    if (!strcmp(name, "mmu")) /* QEMU's name of all translation */
        return EXT_SV39;
    while (e < EXT_COUNT &&
           (!ext_info[e].name || strcmp(ext_info[e].name, name) != 0))
        e++;
    return e;
}

static bool is_absent(const char *name)
{
    size_t length = strlen(name);
    const char *at = absent;

    while ((at = strstr(at, name))) {
        if (at > absent && at[-1] == ' ' && at[length] == ' ')
            return true;
        at += length;
    }
    return false;
}

static bool one_of(const char *value, const char *const words[4])
{
    for (unsigned i = 0; i < 4; i++)
        if (!strcmp(value, words[i]))
            return true;
    return false;
}

/* QEMU's spellings of a truth value. */
static bool read_switch(const char *value, bool *on)
{
    static const char *const yes[4] = {"on", "true", "yes", "y"};
    static const char *const no[4] = {"off", "false", "no", "n"};

    *on = one_of(value, yes);
    return *on || one_of(value, no);
}

/* Properties that have one value only; NULL: any, of what there is not. */
static const struct {
    const char *name, *value;
} fixed[] = {
    {"cbom_blocksize", "64"}, {"cbop_blocksize", "64"},
    {"cboz_blocksize", "64"}, {"priv_spec", "v1.12.0"},
    {"priv_spec", "v1.13.0"}, {"vext_spec", "v1.0"},
    {"bext_spec", "v1.0.0"},  {"vlen", NULL},
    {"elen", NULL},
};

#define FIXED (sizeof(fixed) / sizeof(fixed[0]))

/* The row of a property, of its value if that may be; FIXED: it is none. */
static unsigned find_fixed(const char *name, const char *value)
{
    unsigned found = FIXED;

    for (unsigned i = 0; i < FIXED; i++) {
        if (strcmp(name, fixed[i].name) != 0)
            continue;
        found = i;
        if (!fixed[i].value || !strcmp(value, fixed[i].value))
            break;
    }
    return found;
}

/* The last request for an extension counts. */
static void ask(struct request *r, unsigned e, bool on)
{
    r->on &= ~(1ull << e);
    r->off &= ~(1ull << e);
    *(on ? &r->on : &r->off) |= 1ull << e;
}

/* g=on asks for several extensions; g=off is no wish about any of them. */
static int take(struct request *r, const char *name, const char *value,
                struct rvemu_error *error)
{
    unsigned e = find_extension(name), row = find_fixed(name, value);
    bool on;

    if (row < FIXED)
        return fixed[row].value && strcmp(value, fixed[row].value) != 0
                   ? refuse(r, name, "can only be ", fixed[row].value, error)
                   : 0;
    if (e == EXT_COUNT && strcmp(name, "g") != 0 && !is_absent(name))
        return refuse(r, name, "is no extension that emu knows", "", error);
    if (!read_switch(value, &on))
        return refuse(r, name, "is on or off, not ", shown(value), error);
    if (e < EXT_COUNT)
        ask(r, e, on);
    else if (on && is_absent(name))
        return refuse(r, name, "is not supported", "", error);
    else if (on)
        r->on |= SET(M) | SET(A) | SET(F) | SET(D) | SET(ZIFENCEI);
    return 0;
}

static void lower(char *word)
{
    for (; *word; word++)
        *word = (char)tolower((unsigned char)*word);
}

static void read_name(const char *at, size_t length, char name[NAME_MAX_LENGTH])
{
    snprintf(name, NAME_MAX_LENGTH, "%.*s", (int)length, at);
    lower(name);
}

static int read_requests(struct request *r, const char *list,
                         struct rvemu_error *error)
{
    char name[NAME_MAX_LENGTH], value[NAME_MAX_LENGTH];
    struct rvemu_list_item item;

    while (rvemu_list_next(&list, &item)) {
        read_name(item.name, item.length, name);
        if (!*name)
            return refuse(r, "a comma", "wants NAME=on or NAME=off behind it",
                          "", error);
        if (!item.value)
            return refuse(r, name, "wants a value: say NAME=on or NAME=off", "",
                          error);
        rvemu_list_value(&item, value, sizeof(value));
        lower(value);
        if (take(r, name, value, error) < 0)
            return -1;
    }
    return 0;
}

/* As in QEMU, the widest translation asked for is the widest there is. */
static void limit_translation(struct request *r)
{
    u64 asked = r->on & TRANSLATIONS;

    if (asked & SET(SV57) || !asked)
        return;
    r->off |= SET(SV57);
    if (!(asked & SET(SV48)))
        r->off |= SET(SV48);
}

/* Extensions that were asked for bring those that they need. */
static int bring(struct request *r, struct rvemu_error *error)
{
    for (u64 left = r->on, new; left; left = new) {
        new = 0;
        for (; left; left &= left - 1) {
            const struct ext_info *e = &ext_info[__builtin_ctzll(left)];
            u64 missing = e->needs & r->off;

            if (missing)
                return refuse(r, e->name, "needs ",
                              ext_info[__builtin_ctzll(missing)].name, error);
            new |= e->needs & ~r->on;
        }
        r->on |= new;
    }
    return 0;
}

/* The extensions of `set` that can be on: those whose needs are in it, too. */
static u64 settle(u64 set, const struct request *r)
{
    u64 before;

    do {
        before = set;
        for (unsigned e = 0; e < EXT_COUNT; e++) {
            u64 needs =
                ext_info[e].needs | (r->on >> e & 1 ? 0 : ext_info[e].with);

            if ((set & needs) != needs)
                set &= ~(1ull << e);
        }
    } while (set != before);
    return set;
}

/* Whether the hart sets A and D or faults: one of the two there must be. */
static int choose_ad(const struct request *r, u64 *set,
                     struct rvemu_error *error)
{
    if (*set & (SET(SVADU) | SET(SVADE)))
        return 0;
    if (r->off & SET(SVADE))
        return refuse(r, "svade", "and svadu cannot both be off", "", error);
    *set |= SET(SVADE);
    return 0;
}

/* An extension that follows others may not have become what was asked. */
static int check_followers(const struct request *r, u64 set,
                           struct rvemu_error *error)
{
    u64 wrong = (r->on & ~set) | (r->off & set);
    const struct ext_info *e;
    u64 needs;

    if (!wrong)
        return 0;
    e = &ext_info[__builtin_ctzll(wrong)];
    needs = e->needs;
    if (!needs)
        return refuse(r, e->name, "cannot be turned off", "", error);
    return refuse(r, e->name, "goes by ",
                  ext_info[63 - __builtin_clzll(needs)].name, error);
}

/* The extensions that -cpu can turn off. */
static u64 switches(void)
{
    u64 set = 0;

    for (unsigned e = 0; e < EXT_COUNT; e++)
        set |= (u64)(ext_info[e].how != EXT_FOLLOWS) << e;
    return set;
}

static int find_model(const struct request *r, u64 *set, const char **rest,
                      struct rvemu_error *error)
{
    struct rvemu_list_item item;
    char name[NAME_MAX_LENGTH];

    *rest = r->text;
    rvemu_list_next(rest, &item);
    read_name(item.name, strcspn(item.name, ","), name);
    for (unsigned i = 0; i < MODELS; i++) {
        if (!strcmp(name, models[i].name)) {
            *set = models[i].set;
            return 0;
        }
    }
    return refuse(r, name,
                  "is no CPU that emu has; say rv64, rv64i or rva22s64", "",
                  error);
}

int cpu_model_parse(const char *text, u64 off, u64 *set,
                    struct rvemu_error *error)
{
    struct request r = {.text = text ? text : "rv64", .off = off};
    const char *rest;

    if (find_model(&r, set, &rest, error) < 0 ||
        read_requests(&r, rest, error) < 0)
        return -1;
    limit_translation(&r);
    if (bring(&r, error) < 0)
        return -1;
    *set |= r.on | (EXT_ALL & ~switches());
    *set = settle(*set & ~(r.off & switches()), &r);
    if (choose_ad(&r, set, error) < 0)
        return -1;
    return check_followers(&r, *set, error);
}

const char *cpu_model_name(unsigned number)
{
    return number < MODELS ? models[number].name : NULL;
}
