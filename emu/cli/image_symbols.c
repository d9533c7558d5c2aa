/* The symbols of what is loaded into a machine; see image_symbols.h. */
#include "cli/image_symbols.h"

static void add(struct rvemu_symbols *symbols, const struct rvemu_image *image)
{
    struct rvemu_error ignored;

    if (image->path || image->size)
        rvemu_symbols_add(symbols, image, 0, &ignored);
}

struct rvemu_symbols *image_symbols(const struct rvemu_guest *guest)
{
    struct rvemu_symbols *symbols = rvemu_symbols_new();

    if (!symbols)
        return NULL;
    add(symbols, &guest->firmware);
    add(symbols, &guest->image);
    for (unsigned i = 0; i < guest->extras; i++)
        if (!guest->extra[i].is_patch)
            add(symbols, &guest->extra[i].image);
    return symbols;
}
