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

/* Picks the choice that `value` names; false when none does. */
static bool choose(const char *value, const char *const *choices, u8 *out)
{
    for (u8 i = 0; choices[i]; i++) {
        if (strcmp(value, choices[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* Sets the flag if the word is key=0 or key=1. */
static bool set_flag(const char *word, const char *key, u8 *flag)
{
    static const char *const flags[] = {"0", "1", NULL};
    const char *value = value_of(word, key);

    return value && choose(value, flags, flag);
}

static bool set_flags(struct options *o, const char *word)
{
    u8 value = 0;

    if (set_flag(word, "selfcheck", &value))
        o->selfcheck = value;
    else if (set_flag(word, "quiet", &value))
        o->quiet = value;
    else if (set_flag(word, "echo", &value))
        o->no_echo = !value;
    else if (set_flag(word, "onlcr", &value))
        o->no_onlcr = !value;
    else
        return false;
    return true;
}

static bool set(struct options *o, const char *word)
{
    static const char *const forks[] = {
        [FORK_EAGER] = "eager", [FORK_COW] = "cow", NULL};
    static const char *const boots[] = {"initrd", "uapp", NULL};
    static const char *const marks[] = {
        [MARKS_ON] = "1", [MARKS_OFF] = "0", [MARKS_LIE] = "lie", NULL};
    static const char *const scheds[] = {"rr", "child-first", NULL};
    const char *value;
    u8 choice = 0;

    if ((value = value_of(word, "init")) != NULL) {
        o->init = value;
        return true;
    }
    if ((value = value_of(word, "fork")) != NULL)
        return choose(value, forks, &o->fork_mode);
    if ((value = value_of(word, "boot")) != NULL) {
        bool known = choose(value, boots, &choice);

        o->uapp = choice;
        return known;
    }
    if ((value = value_of(word, "marks")) != NULL) {
        bool known = choose(value, marks, &choice);

        o->marks = (enum mark_mode)choice;
        return known;
    }
    if ((value = value_of(word, "sched")) != NULL) {
        bool known = choose(value, scheds, &choice);

        o->child_first = choice;
        return known;
    }
    return set_flags(o, word);
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
        if (o->init)
            add_arg(word);
        else
            printk("boot option not understood: %s\n", word);
    }
    if (!o->init)
        o->init = "/bin/sh";
}
