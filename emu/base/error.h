/*
 * How a host-side failure travels: the function that fails fills a struct
 * error with one line that says what, where, and what to do, and returns a
 * negative number. Only main prints it and only main exits. Guest mistakes
 * never come this way: they become traps or device status.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

struct error {
    char text[512]; /* one line, no newline, no program name in front */
};

/* Formats the line. Returns -1, so that `return error_set(…)` fails. */
int error_set(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
