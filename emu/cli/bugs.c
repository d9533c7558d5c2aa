/* Mistakes that the bundled kernel can be asked for; see bugs.h. */
#include "cli/bugs.h"

#include <string.h>

#define OPTION "bug="

/* As the kernel has them, in uapi/bugs.def. */
static const char *const names[] = {"nofence", "early-fence", "keep-w",
                                    "leak",    "double-free", "no-copyout"};

#define NAMES_LINE_MAX 128

static bool is_word(const char *word, size_t length, const char *name)
{
    return strlen(name) == length && !memcmp(word, name, length);
}

static bool is_name(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (is_word(word, length, names[i]))
            return true;
    return false;
}

/* One that people will ask for, and that this kernel cannot have. */
static int refuse_remote(struct rvemu_error *error)
{
    return rvemu_error_set(error,
                           "-append bug=no-remote: the bundled kernel runs on "
                           "one hart, and fences no other");
}

static int refuse(const char *word, size_t length, struct rvemu_error *error)
{
    char all[NAMES_LINE_MAX] = "";

    if (is_word(word, length, "no-remote"))
        return refuse_remote(error);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        strncat(all, i ? ", " : "", sizeof(all) - strlen(all) - 1);
        strncat(all, names[i], sizeof(all) - strlen(all) - 1);
    }
    return rvemu_error_set(error,
                           "-append bug=%.*s: there is none such; say %s",
                           (int)length, word, all);
}

int bugs_look(const char *append, bool *any, struct rvemu_error *error)
{
    const char *word = append ? append : "";

    *any = false;
    while (*(word += strspn(word, " "))) {
        size_t length = strcspn(word, " "), lead = strlen(OPTION);

        if (!strncmp(word, OPTION, lead)) {
            if (!is_name(word + lead, length - lead))
                return refuse(word + lead, length - lead, error);
            *any = true;
        }
        word += length;
    }
    return 0;
}
