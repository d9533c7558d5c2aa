/* Opening libdw; see libdw.h. */
#include "debug/libdw.h"

#include <dlfcn.h>

/* Finds all functions; false when the module lacks one. */
static bool find_all(struct libdw *dw)
{
#define LIBDW(name)                                          \
    *(void **)&dw->name = dlsym(dw->module, "dwarf_" #name); \
    if (!dw->name)                                           \
        return false;
#include "debug/libdw.def"
    return true;
}

int libdw_open(struct libdw *dw, const char *module, struct rvemu_error *error)
{
    *dw = (struct libdw){.module = dlopen(module, RTLD_NOW | RTLD_LOCAL)};
    if (dw->module && find_all(dw))
        return 0;
    libdw_close(dw);
    return error_set(error,
                     "source lines need elfutils' %s, which is not here or is "
                     "too old: install the package libdw1",
                     module);
}

void libdw_close(struct libdw *dw)
{
    if (dw->module)
        dlclose(dw->module);
    *dw = (struct libdw){0};
}
