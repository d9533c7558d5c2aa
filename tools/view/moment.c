/* The words of moments; see moment.h. */
#include "view/moment.h"

const char *moment_word(enum moment_kind kind)
{
    static const char *const word[MOMENT_KINDS] = {
        [MOMENT_START] = "start", [MOMENT_FORK] = "fork",
        [MOMENT_FAULT] = "fault", [MOMENT_COPY] = "copy",
        [MOMENT_REUSE] = "reuse", [MOMENT_MAP] = "map",
        [MOMENT_FENCE] = "fence", [MOMENT_STORE] = "store",
        [MOMENT_WRITE] = "store", [MOMENT_EXEC] = "exec",
        [MOMENT_EXIT] = "exit",   [MOMENT_FINDING] = "mistake",
        [MOMENT_OTHER] = "note",  [MOMENT_END] = "end",
    };

    return word[kind];
}
