/*
 * One line for one failure: the one function of rvemu/error.h. No state.
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
    return -1;
}
