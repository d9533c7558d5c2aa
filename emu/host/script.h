/* Console input from a file that also says when (--input). See script.c. */
#ifndef HOST_SCRIPT_H
#define HOST_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rvemu/error.h>

struct script;

/* Reads the file to its end. Returns 0, or -1 with error. */
int script_open(struct script **script, const char *path,
                struct rvemu_error *error);
void script_close(struct script *script);

/* The guest printed a byte. */
void script_put(struct script *script, uint8_t byte);

/* What is to be typed now: so many bytes at *bytes, which stay in place. 0:
 * nothing, as long as the guest prints nothing, or nothing ever. */
size_t script_next(const struct script *script, const uint8_t **bytes);

/* So many of them have been typed. */
void script_take(struct script *script, size_t count);

/* Whether all has been typed. */
bool script_is_done(const struct script *script);

/* How far it has got. */
struct script_place {
    uint64_t at;      /* the byte that is typed next */
    uint64_t line;    /* its line, from 1 */
    bool waits;       /* for something to be printed, of which */
    uint64_t matched; /* so many bytes are what was printed last */
};

struct script_place script_place(const struct script *script);

/* Goes on from where the same file had got. False: it has no such place; the
 * script is then at its end. */
bool script_go(struct script *script, const struct script_place *place);

/* Whether a line waits for something to be printed: its number, from 1, and
 * what that is, in the caller's text of so many bytes. */
bool script_waits(const struct script *script, unsigned *line, char *expected,
                  size_t size);

#endif
