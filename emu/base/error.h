/* The library's own name for filling a struct rvemu_error (rvemu/error.h). */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <rvemu/error.h>

#define error_set rvemu_error_set

#endif
