/*
 * Boot options: words of the form key=value, each setting one field.
 */
#include "boot/options.h"

#include "dev/power.h"
#include "dev/printk.h"
#include "lib/fdt.h"
#include "lib/string.h"
#include "uapi/boot.h"
#include "uapi/fork.h"

static char cmdline[BOOT_CMDLINE_MAX];
static char words[BOOT_CMDLINE_MAX];
static char args[BOOT_CMDLINE_MAX];

/* The value of `word` if it is `key`, else NULL. */
static const char *value_of(const char *word, const char *key)
{
    size_t n = strlen(key);

    return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

/* A machine that starts with an option half understood runs something else than
 * what was asked for. */
static _Noreturn void refuse(const char *word)
{
    printk("boot option not understood: %s\n", word);
    power_off(1);
}

/* The number of the choice that the word's value names. */
static u8 choose(const char *word, const char *value,
                 const char *const *choices)
{
    for (u8 i = 0; choices[i]; i++) {
        if (strcmp(value, choices[i]) == 0)
            return i;
    }
    refuse(word);
}

/* Sets the field of the option that the word is; false if it is none. */
static bool set_choice(struct options *o, const char *word)
{
    static const char *const off_on[] = {"0", "1", NULL};
    static const char *const on_off[] = {"1", "0", NULL};
    static const char *const forks[] = {
        [FORK_EAGER] = "eager", [FORK_COW] = "cow", NULL};
    static const char *const boots[] = {"initrd", "uapp", NULL};
    static const char *const marks[] = {
        [MARKS_ON] = "1", [MARKS_OFF] = "0", [MARKS_LIE] = "lie", NULL};
    static const char *const scheds[] = {"rr", "child-first", NULL};
    const struct {
        const char *key;
        const char *const *choices;
        u8 *field;
    } table[] = {
        {"fork", forks, &o->fork_mode},
        {"boot", boots, &o->uapp},
        {"marks", marks, &o->marks},
        {"sched", scheds, &o->child_first},
        {"selfcheck", off_on, &o->selfcheck},
        {"quiet", off_on, &o->quiet},
        {"echo", on_off, &o->no_echo},
        {"onlcr", on_off, &o->no_onlcr},
        {"edit", on_off, &o->no_edit},
    };

    for (unsigned i = 0; i < ARRAY_LEN(table); i++) {
        const char *value = value_of(word, table[i].key);

        if (!value)
            continue;
        *table[i].field = choose(word, value, table[i].choices);
        return true;
    }
    return false;
}

static bool set(struct options *o, const char *word)
{
    const char *init = value_of(word, "init");

    if (init) {
        o->init = init;
        return true;
    }
    if (value_of(word, "argv")) {
        o->argv = value_of(word, "argv");
        return true;
    }
    return set_choice(o, word);
}

static void add_arg(const char *word)
{
    size_t at = strlen(args);

    if (at)
        args[at++] = ' ';
    strlcpy(args + at, word, sizeof(args) - at);
}

char *options_next_word(char **rest)
{
    char *word = *rest;

    while (*word == ' ')
        word++;
    if (!*word)
        return NULL;
    *rest = word;
    while (**rest && **rest != ' ')
        ++*rest;
    if (**rest)
        *(*rest)++ = 0;
    return word;
}

void options_read(struct options *o)
{
    u32 len = 0;
    int chosen = fdt_find_name("chosen");
    const char *given = chosen < 0 ? NULL : fdt_prop(chosen, "bootargs", &len);
    char *rest = words, *word;

    *o = (struct options){
        .cmdline = cmdline, .args = args, .fork_mode = FORK_COW};
    if (len > BOOT_CMDLINE_MAX) {
        printk("/chosen/bootargs has %u bytes; this kernel takes %d\n", len,
               BOOT_CMDLINE_MAX);
        power_off(1);
    }
    if (given)
        strlcpy(cmdline, given, sizeof(cmdline));
    strlcpy(words, cmdline, sizeof(words));
    while ((word = options_next_word(&rest)) != NULL) {
        if (set(o, word))
            continue;
        if (!o->init)
            refuse(word);
        add_arg(word);
    }
    if (!o->init && !o->argv)
        o->init = "/bin/sh";
}
