/*
 * Recognising programs; see rvemu/programs.h.
 *
 * A page proves something by the bytes that the file has for it: what else is
 * in the page is the loader's. Bytes that are 0 prove nothing, and so few
 * others neither. A candidate is a program at a bias; one is left, or none is
 * certain.
 */
#include <rvemu/programs.h>

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "debug/binary.h"

#define PROOF 16 /* bytes that are not 0 */
#define CANDIDATES_MAX 64
#define PAGES_MAX 64 /* of a candidate, when several have the first page */

struct piece { /* a loadable segment, but for the file's headers */
    u64 va;
    u64 size; /* in the file */
    const u8 *bytes;
    bool is_code;
};

struct program {
    struct rvemu_image image;
    bool is_owned; /* the image's memory */
    bool moves;    /* it can be at any bias */
    u64 bias;      /* of one that does not */
    u64 entry;
    unsigned detail; /* how much its file says */
    unsigned pieces;
    struct piece *piece; /* owned */
    struct rvemu_binary *binary;
};

struct rvemu_programs {
    struct program *program;
    unsigned count;
};

struct rvemu_programs *rvemu_programs_new(void)
{
    return calloc(1, sizeof(struct rvemu_programs));
}

static void drop(struct program *p)
{
    rvemu_binary_free(p->binary);
    free(p->piece);
    if (p->is_owned)
        rvemu_image_free(&p->image);
}

void rvemu_programs_free(struct rvemu_programs *programs)
{
    if (!programs)
        return;
    for (unsigned i = 0; i < programs->count; i++)
        drop(&programs->program[i]);
    free(programs->program);
    free(programs);
}

unsigned rvemu_programs_count(const struct rvemu_programs *programs)
{
    return programs->count;
}

bool rvemu_programs_have_symbol(const struct rvemu_programs *programs,
                                const char *program, const char *symbol)
{
    for (unsigned i = 0; i < programs->count; i++) {
        struct rvemu_binary *binary = programs->program[i].binary;

        if ((!program || !strcmp(program, rvemu_binary_name(binary))) &&
            rvemu_binary_has_symbol(binary, symbol))
            return true;
    }
    return false;
}

/* How many bytes at the start of a file are its headers, which may be loaded
 * with the first segment and which stripping changes. */
static u64 headers_end(const GElf_Ehdr *header)
{
    u64 table = (u64)header->e_phnum * sizeof(Elf64_Phdr);

    return sizeof(Elf64_Ehdr) +
           (header->e_phoff == sizeof(Elf64_Ehdr) ? table : 0);
}

/* Adds a segment, without the headers of the file. One that is not all in the
 * file, or at the very end of the address space, is left out. */
static void add_piece(struct program *p, const GElf_Phdr *segment, u64 headers)
{
    u64 start = segment->p_offset < headers ? headers - segment->p_offset : 0;

    if (segment->p_type != PT_LOAD || segment->p_filesz <= start ||
        segment->p_offset > p->image.size ||
        segment->p_filesz > p->image.size - segment->p_offset ||
        segment->p_vaddr > UINT64_MAX - RVEMU_PAGE - segment->p_filesz)
        return;
    p->piece[p->pieces++] = (struct piece){
        .va = segment->p_vaddr + start,
        .size = segment->p_filesz - start,
        .bytes = (const u8 *)p->image.data + segment->p_offset + start,
        .is_code = (segment->p_flags & PF_X) != 0,
    };
}

static bool has_code(const struct program *p)
{
    for (unsigned i = 0; i < p->pieces; i++)
        if (p->piece[i].is_code)
            return true;
    return false;
}

/* Reads what the file says of itself. */
static int describe(struct program *p, const struct elf_source *source,
                    struct rvemu_error *error)
{
    GElf_Ehdr header;
    u64 low;

    if (binary_check(source, &low, error) < 0)
        return -1;
    gelf_getehdr(source->elf, &header);
    p->entry = header.e_entry;
    p->moves = p->moves && header.e_type == ET_DYN;
    p->detail =
        2u * elf_source_has_debug(source) + 1u * elf_source_has_symbols(source);
    p->piece = calloc(header.e_phnum, sizeof(*p->piece));
    p->binary = rvemu_binary_new(&p->image);
    if (!p->piece || !p->binary)
        return error_set(error, "%s: out of host memory", source->name);
    for (int i = 0; i < header.e_phnum; i++) {
        GElf_Phdr segment;

        if (gelf_getphdr(source->elf, i, &segment))
            add_piece(p, &segment, headers_end(&header));
    }
    if (has_code(p) && !elf_source_is_debug_only(source))
        return 0;
    return error_set(error,
                     "%s: has no code to recognise the program by: name "
                     "the file that it belongs to",
                     source->name);
}

static int open_program(struct program *p, struct rvemu_error *error)
{
    struct elf_source source;
    int failed;

    if (elf_source_open(&source, &p->image, error) < 0)
        return -1;
    failed = describe(p, &source, error);
    elf_source_close(&source);
    return failed;
}

/* Whether two programs load the same. */
static bool are_same(const struct program *a, const struct program *b)
{
    if (a->pieces != b->pieces || a->moves != b->moves || a->bias != b->bias)
        return false;
    for (unsigned i = 0; i < a->pieces; i++) {
        const struct piece *one = &a->piece[i], *other = &b->piece[i];

        if (one->va != other->va || one->size != other->size ||
            memcmp(one->bytes, other->bytes, one->size))
            return false;
    }
    return true;
}

/* Takes the program over, in the place of its like if there is one. */
static int keep(struct rvemu_programs *programs, struct program *p,
                struct rvemu_error *error)
{
    struct program *grown;

    for (unsigned i = 0; i < programs->count; i++) {
        struct program *like = &programs->program[i];

        if (!are_same(like, p))
            continue;
        if (p->detail > like->detail) {
            drop(like);
            *like = *p;
        } else {
            drop(p);
        }
        return 0;
    }
    grown = realloc(programs->program,
                    (programs->count + 1) * sizeof(*programs->program));
    if (!grown)
        return error_set(error, "out of host memory");
    programs->program = grown;
    programs->program[programs->count++] = *p;
    return 0;
}

int rvemu_programs_add(struct rvemu_programs *programs,
                       const struct rvemu_image *image, enum rvemu_load load,
                       uint64_t base, struct rvemu_error *error)
{
    struct program p = {
        .image = *image,
        .moves = load == RVEMU_LOAD_AS_LINKED,
        .bias = load == RVEMU_LOAD_AT_BASE ? base : 0,
    };

    if (!image->data) {
        p.is_owned = true;
        if (rvemu_image_read(&p.image, image->path, 0, error) < 0)
            return -1;
    }
    if (open_program(&p, error) == 0 && keep(programs, &p, error) == 0)
        return 0;
    drop(&p);
    return -1;
}

/* A program at a bias, and how many bytes of it the space has shown. */
struct candidate {
    const struct program *program;
    u64 bias;
    u64 shown;
    bool differs;
};

/* Large and made often: of its candidates only the first `count` are set. */
struct search {
    const struct rvemu_programs *programs;
    rvemu_page_fn *read;
    void *arg;
    unsigned count;
    bool overflowed; /* there are more candidates than have a place here */
    struct candidate candidate[CANDIDATES_MAX];
};

static void begin_search(struct search *s,
                         const struct rvemu_programs *programs,
                         rvemu_page_fn *read, void *arg)
{
    s->programs = programs;
    s->read = read;
    s->arg = arg;
    s->count = 0;
    s->overflowed = false;
}

/* The part of a piece that lies in the page at va, both as linked. */
static const u8 *part_of(const struct piece *piece, u64 va, size_t *at,
                         size_t *count)
{
    u64 start = piece->va > va ? piece->va : va;
    u64 end = piece->va + piece->size;

    if (end > va + RVEMU_PAGE)
        end = va + RVEMU_PAGE;
    if (start >= end)
        return NULL;
    *at = start - va;
    *count = end - start;
    return piece->bytes + (start - piece->va);
}

enum verdict { UNKNOWN, SAME, DIFFERENT };

/* Compares a page with what a program has there in its code. *shown is how
 * many bytes other than 0 it has, or `enough`. */
static enum verdict compare(const struct program *p, u64 va, const u8 *page,
                            u64 enough, u64 *shown)
{
    enum verdict verdict = UNKNOWN;

    *shown = 0;
    for (unsigned i = 0; i < p->pieces; i++) {
        size_t at, count;
        const u8 *bytes = part_of(&p->piece[i], va, &at, &count);

        if (!p->piece[i].is_code || !bytes)
            continue;
        if (memcmp(page + at, bytes, count))
            return DIFFERENT;
        verdict = SAME;
        for (size_t n = 0; n < count && *shown < enough; n++)
            *shown += bytes[n] != 0;
    }
    return verdict;
}

static void try_bias(struct search *s, const struct program *p, u64 bias,
                     u64 va, const u8 *page)
{
    u64 shown;

    if (compare(p, va - bias, page, PROOF, &shown) != SAME || shown < PROOF)
        return;
    if (s->count == CANDIDATES_MAX)
        s->overflowed = true;
    else
        s->candidate[s->count++] =
            (struct candidate){.program = p, .bias = bias, .shown = shown};
}

/* Tries all places of a page in a program that moves. */
static void try_all_pages(struct search *s, const struct program *p, u64 va,
                          const u8 *page)
{
    u64 next = 0; /* so that pages which two pieces share are tried once */

    for (unsigned i = 0; i < p->pieces; i++) {
        const struct piece *piece = &p->piece[i];
        u64 at = piece->va & ~(u64)(RVEMU_PAGE - 1);

        if (!piece->is_code)
            continue;
        for (at = at < next ? next : at; at < piece->va + piece->size;
             at += RVEMU_PAGE)
            try_bias(s, p, va - at, va, page);
        next = at;
    }
}

/* Shows all candidates another page of the space. */
static void show(struct search *s, u64 va, const u8 *page)
{
    for (unsigned i = 0; i < s->count; i++) {
        struct candidate *c = &s->candidate[i];
        u64 shown;

        if (compare(c->program, va - c->bias, page, UINT64_MAX, &shown) ==
            DIFFERENT)
            c->differs = true;
        c->shown += shown;
    }
}

/* Looks at the code pages of a candidate that the space has. */
static void show_pages_of(struct search *s, const struct candidate *c)
{
    unsigned left = PAGES_MAX;

    for (unsigned i = 0; i < c->program->pieces; i++) {
        const struct piece *piece = &c->program->piece[i];
        u64 at = piece->va & ~(u64)(RVEMU_PAGE - 1);

        for (; piece->is_code && at < piece->va + piece->size && left;
             at += RVEMU_PAGE, left--) {
            u8 page[RVEMU_PAGE];

            if (s->read(s->arg, at + c->bias, page))
                show(s, at + c->bias, page);
        }
    }
}

/* The candidate of which most has been shown and nothing differs; NULL: there
 * is none, or another is as good. */
static const struct candidate *best(const struct search *s)
{
    const struct candidate *found = NULL;
    bool is_sole = false;

    for (unsigned i = 0; i < s->count; i++) {
        const struct candidate *c = &s->candidate[i];

        if (c->differs || (found && c->shown < found->shown))
            continue;
        is_sole = !found || c->shown > found->shown;
        found = c;
    }
    return is_sole ? found : NULL;
}

/* Fills in the candidates whose code the page at va is. */
static bool find_candidates(struct search *s, u64 va)
{
    u8 page[RVEMU_PAGE];

    s->count = 0;
    s->overflowed = false;
    if (!s->programs->count || !s->read(s->arg, va, page))
        return false;
    for (unsigned i = 0; i < s->programs->count; i++) {
        const struct program *p = &s->programs->program[i];

        if (p->moves)
            try_all_pages(s, p, va, page);
        else
            try_bias(s, p, p->bias, va, page);
    }
    return s->count && !s->overflowed;
}

static bool recognise(struct search *s, u64 pc, struct rvemu_program *found)
{
    const struct candidate *c = s->candidate;

    if (!find_candidates(s, pc & ~(u64)(RVEMU_PAGE - 1)))
        return false;
    if (s->count > 1) {
        for (unsigned i = 0; i < s->count; i++)
            s->candidate[i].shown = 0;
        for (unsigned i = 0; i < s->count; i++)
            show_pages_of(s, &s->candidate[i]);
        c = best(s);
    }
    if (!c)
        return false;
    *found = (struct rvemu_program){
        .binary = c->program->binary,
        .name = rvemu_binary_name(c->program->binary),
        .bias = c->bias,
    };
    return true;
}

bool rvemu_programs_recognise(const struct rvemu_programs *programs,
                              rvemu_page_fn *read, void *arg, uint64_t pc,
                              struct rvemu_program *found)
{
    struct search s;

    begin_search(&s, programs, read, arg);
    return recognise(&s, pc, found);
}

bool rvemu_programs_search(const struct rvemu_programs *programs,
                           rvemu_page_fn *read, void *arg,
                           struct rvemu_program *found)
{
    struct search s;

    begin_search(&s, programs, read, arg);
    for (unsigned i = 0; i < programs->count; i++) {
        const struct program *p = &programs->program[i];

        if (!p->moves && recognise(&s, p->entry + p->bias, found))
            return true;
    }
    return false;
}
