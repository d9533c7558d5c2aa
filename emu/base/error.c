/*
 * One line for one failure: the one function of rvemu/error.h. What it quotes
 * are names and words of others, who may have put anything into them. No state.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int rvemu_error_set(struct rvemu_error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    for (char *at = error->text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    return -1;
}
