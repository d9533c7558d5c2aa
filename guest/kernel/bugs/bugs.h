/*
 * Mistakes to be shown and to be found, in an image of their own.
 *
 * The sources of the kernel know nothing of them. weave.py has a row for each
 * place: a text of a source, and what the bugs' image is compiled from instead,
 * on the same lines, so that a finding names those of the kernel proper. This
 * header comes before all else in such a file.
 */
#ifndef BUGS_BUGS_H
#define BUGS_BUGS_H

#include "lib/types.h"

enum bug {
#define BUG(name, text, what) BUG_##name,
#include "uapi/bugs.def"
    BUGS
};

extern u32 bugs_planted; /* a bit for each */

static inline bool bug(enum bug which)
{
    return bugs_planted >> which & 1;
}

/* Whether a boot option is bug=NAME of one that there is, which holds then. */
bool bug_option(const char *word);

/* Says on the console which there are. */
void bug_tell(void);

/* copy_to_user() of who forgets that fork shares pages: through the kernel's
 * own mapping of the frames, whatever W says. False, and nothing written, where
 * a page is missing. */
bool bug_copy_out(u64 user_dst, const void *src, size_t n);

#endif
