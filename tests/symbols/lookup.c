/*
 * What librvemu says of addresses in an ELF file, for a test to compare with
 * what others say: reads lines "code HEX" and "data HEX" and answers each with
 * one, of fields between tabs.
 *
 *   code   symbol, offset in hex, path of the source, line, whether it is own
 *   data   the name of what is stored there, whether it is own
 *
 * A field that is not known is "-". The first line is "ok", or "no: " and why
 * there are no lines.
 */
#include <rvemu/rvemu.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *known(const char *text)
{
    return text && *text ? text : "-";
}

static void say_code(struct rvemu_binary *binary, uint64_t address)
{
    struct rvemu_place place;

    rvemu_binary_place(binary, address, &place);
    printf("%s\t%" PRIx64 "\t%s\t%u\t%d\n", known(place.symbol), place.offset,
           known(place.path), place.line, rvemu_binary_is_own(binary, address));
}

static void say_data(struct rvemu_binary *binary, uint64_t address)
{
    char name[256];

    rvemu_binary_data(binary, address, name, sizeof(name));
    printf("%s\t%d\n", known(name), rvemu_binary_is_own(binary, address));
}

int main(int argc, char **argv)
{
    const struct rvemu_image image = {.path = argv[argc - 1]};
    struct rvemu_binary *binary = rvemu_binary_new(&image);
    struct rvemu_error error;
    char what[8];
    uint64_t address;

    if (rvemu_binary_load(binary, &error) < 0)
        printf("no: %s\n", error.text);
    else
        printf("ok\n");
    while (scanf("%7s %" SCNx64, what, &address) == 2) {
        if (!strcmp(what, "code"))
            say_code(binary, address);
        else
            say_data(binary, address);
    }
    rvemu_binary_free(binary);
    return 0;
}
