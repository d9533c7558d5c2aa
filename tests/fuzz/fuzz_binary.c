/*
 * What is said of addresses by an ELF file, whatever is wrong with it: its
 * symbols, its DWARF, and which program its code is. What must hold:
 *
 * - an answer ends within its room, and asked again it is the same
 * - a place names a symbol or a line
 * - a file that cannot be read is refused with one line that people can read
 */
#include <dlfcn.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "debug/binary.h"
#include "debug/libdw.h"
#include "image_maker.h"

#include <rvemu/programs.h>
#include <rvemu/symbols.h>

#define QUESTIONS_MAX 12

static void ask(struct rvemu_binary *binary, u64 address, size_t room)
{
    struct rvemu_place place[2];
    char text[2][128];
    bool found[2];

    for (unsigned i = 0; i < 2; i++) {
        found[i] = rvemu_binary_place(binary, address, &place[i]);
        expect(found[i] == (place[i].symbol || place[i].path));
        expect(!place[i].path || place[i].line);
    }
    expect(found[0] == found[1] && place[0].symbol == place[1].symbol &&
           place[0].path == place[1].path && place[0].line == place[1].line);
    for (unsigned i = 0; i < 2; i++) {
        memset(text[i], 'x', sizeof(text[i]));
        found[i] = rvemu_binary_data(binary, address, text[i], room);
        expect(memchr(text[i], 0, room) != NULL);
        for (size_t at = room; at < sizeof(text[i]); at++)
            expect(text[i][at] == 'x');
    }
    expect(found[0] == found[1] && !strcmp(text[0], text[1]));
    rvemu_binary_own_near(binary, address, address + room, text[0], room);
    expect(memchr(text[0], 0, room) != NULL);
    rvemu_binary_is_own(binary, address);
}

/* What the space has at va: the same as the file, all of it at va 0. */
static bool read_page(void *arg, u64 va, u8 page[RVEMU_PAGE])
{
    const struct rvemu_image *image = arg;
    u64 at = va & 0xffff;

    memset(page, 0, RVEMU_PAGE);
    if (at < image->size)
        memcpy(page, (const u8 *)image->data + at,
               image->size - at < RVEMU_PAGE ? image->size - at : RVEMU_PAGE);
    return true;
}

static void recognise(struct rvemu_image *image, struct input *in)
{
    struct rvemu_programs *programs = rvemu_programs_new();
    struct rvemu_program found;
    struct rvemu_error error;
    u64 how = take(in, 1);

    expect(programs != NULL);
    for (unsigned i = 0; i < 2; i++)
        if (rvemu_programs_add(programs, image,
                               how & 1 << i ? RVEMU_LOAD_AT_BASE
                                            : RVEMU_LOAD_AS_LINKED,
                               take(in, 2), &error) < 0)
            expect_line(&error);
    rvemu_programs_recognise(programs, read_page, image,
                             image_maker_address(in), &found);
    rvemu_programs_search(programs, read_page, image, &found);
    rvemu_programs_free(programs);
}

static void name(struct rvemu_image *image, struct input *in)
{
    struct rvemu_symbols *symbols = rvemu_symbols_new();
    struct rvemu_error error;
    u64 address, offset;

    expect(symbols != NULL);
    if (rvemu_symbols_add(symbols, image, take(in, 2), &error) < 0)
        expect_line(&error);
    rvemu_symbols_address(symbols, "main", &address);
    rvemu_symbols_find(symbols, image_maker_address(in), &offset);
    rvemu_symbols_free(symbols);
}

/* The module stays open, or most of the time is spent on opening it. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    expect(dlopen(LIBDW_MODULE, RTLD_NOW) != NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct input in = {data, data + size};
    struct buffer file = {0};
    struct rvemu_image image;
    struct rvemu_binary *binary;
    struct rvemu_error error;
    enum rvemu_binary_kind kind;

    image_maker_elf(&in, &file);
    image_maker_edit(&file, &in);
    image = image_maker_wrap(&file);
    if (rvemu_binary_kind(&image, take(&in, 2), &kind, &error) < 0)
        expect_line(&error);
    binary = binary_new(&image, LIBDW_MODULE, "/nowhere");
    expect(binary != NULL);
    if (rvemu_binary_load(binary, &error) < 0)
        expect_line(&error);
    for (u64 at = 0; at < 0x100; at += 0x1c)
        ask(binary, IMAGE_MAKER_RAM + at, 128);
    for (unsigned i = 0; i < QUESTIONS_MAX && in.at < in.end; i++)
        ask(binary, image_maker_address(&in), 1 + take(&in, 1) % 128);
    rvemu_binary_free(binary);
    recognise(&image, &in);
    name(&image, &in);
    rvemu_image_free(&image);
    return 0;
}
