/*
 * How a failure travels: the function that fails fills the struct rvemu_error
 * it was given with one line that says what, where, and what to do, and
 * returns a negative number. A guest's mistakes never come this way: they are
 * traps, or a stop with its reason.
 */
#ifndef RVEMU_ERROR_H
#define RVEMU_ERROR_H

struct rvemu_error {
    char text[512]; /* one line, no newline, no program name in front */
};

/* Formats the line, for a front end whose own failures travel as the library's
 * do. What does not fit is cut off, and what would end the line or move a
 * terminal's cursor, a control character, is a question mark. Returns -1, so
 * that `return rvemu_error_set(…)` fails. */
int rvemu_error_set(struct rvemu_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
