/*
 * Lines of source; see picture.h. Names say which line an instruction is of;
 * the line's text is read from the file that the program's DWARF names, if that
 * is where it was when the program was compiled.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cpio.h"
#include "view/picture.h"

#define PROGRAMS 16

/* A file at hand, by the name of its program; "": the kernel. */
struct program {
    char name[64];
    struct rvemu_binary *binary;
};

struct sources {
    struct program program[PROGRAMS];
    unsigned programs;
    char path[4096]; /* of the text that was read last */
    char *text;
};

static const char *last_part(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;

    return slash ? slash + 1 : path ? path : "";
}

static void add(struct sources *s, const char *name,
                const struct rvemu_image *image)
{
    struct program *p = &s->program[s->programs];

    if (s->programs == PROGRAMS || !image->data || !image->size)
        return;
    p->binary = rvemu_binary_new(image);
    snprintf(p->name, sizeof(p->name), "%s", name);
    s->programs += p->binary != NULL;
}

struct sources *sources_open(const struct source *source)
{
    struct sources *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    add(s, "", &source->choice.guest.image);
    add(s, last_part(source->choice.program.path), &source->choice.program);
    return s;
}

void sources_close(struct sources *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->programs; i++)
        rvemu_binary_free(s->program[i].binary);
    free(s->text);
    free(s);
}

/* The file of a program, from the initrd where it is none of those at hand. */
static struct rvemu_binary *find(struct sources *s, const struct source *source,
                                 const char *name)
{
    struct cpio_entry entry;
    size_t at = 0;

    for (unsigned i = 0; i < s->programs; i++)
        if (!strcmp(s->program[i].name, name))
            return s->program[i].binary;
    while (source->choice.guest.initrd.data &&
           cpio_next(&source->choice.guest.initrd, &at, &entry))
        if (!strcmp(last_part(entry.name), name)) {
            const struct rvemu_image image = {
                .path = entry.name, .data = entry.data, .size = entry.size};

            add(s, name, &image);
            return s->program[s->programs - 1].binary;
        }
    return NULL;
}

static void read_text(struct sources *s, const char *path)
{
    FILE *in;
    size_t length = 0;

    if (!strcmp(s->path, path))
        return;
    snprintf(s->path, sizeof(s->path), "%s", path);
    free(s->text);
    s->text = NULL;
    in = fopen(path, "r");
    if (!in)
        return;
    s->text = malloc((1 << 20) + 1);
    if (s->text) {
        length = fread(s->text, 1, 1 << 20, in);
        s->text[length] = '\0';
    }
    fclose(in);
}

/* A line of a text, without the blanks around it. */
static int cut_line(const char *text, unsigned line, const char **start)
{
    while (text && --line) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    if (!text)
        return 0;
    *start = text + strspn(text, " \t");
    return (int)strcspn(*start, "\n");
}

bool sources_line(struct sources *s, const struct source *source, uint64_t root,
                  uint64_t pc, char *out, size_t size)
{
    const struct rvemu_names *n = source->names;
    struct rvemu_binary *binary;
    struct rvemu_place place;
    char name[64] = "", expected[96], line[MOMENT_NAME];
    const char *start;
    int length;

    if (!n->name_line || !n->name_line(n->arg, root, pc, line, sizeof(line))) {
        if (n->name_function && n->name_function(n->arg, root, pc, out, size))
            return true;
        return source->replay && !root &&
               replay_symbol(source->replay, pc, out, size);
    }
    snprintf(out, size, "%s", line);
    if (root && n->name_program)
        n->name_program(n->arg, root, pc, name, sizeof(name));
    binary = find(s, source, name);
    if (!binary || !rvemu_binary_place(binary, pc, &place) || !place.path)
        return true;
    snprintf(expected, sizeof(expected), "%s:%u", place.file, place.line);
    if (strcmp(expected, line) != 0)
        return true;
    read_text(s, place.path);
    length = cut_line(s->text, place.line, &start);
    if (length > 0)
        snprintf(out, size, "%s    %.*s", line, length, start);
    return true;
}
