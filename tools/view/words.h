/*
 * The sentences over the picture in the languages of --explain: a template for
 * each, with {facts} in it, and a table of them for each language.
 */
#ifndef VIEW_WORDS_H
#define VIEW_WORDS_H

#include <stddef.h>

#include <rvemu/explain.h>

enum words {
    /* what is accessed */
    WORDS_PAGE_OF, /* {name} */
    WORDS_AREA,    /* {area} */
    WORDS_KERNEL,  /* who, when it is the kernel: {who} */
    /* the access of a fault: {who}, {what}, {access}, {stored} */
    WORDS_STORES_VALUE,
    WORDS_STORES,
    WORDS_LOADS,
    WORDS_GOES,
    /* the fault: {act}, {other} */
    WORDS_FAULT_SHARED,
    WORDS_FAULT_MAP,
    WORDS_FAULT_STILL,
    /* what the kernel does: {who}, {other}, {old}, {new} */
    WORDS_COPY,
    WORDS_COPY_ALONE,
    WORDS_REUSE,
    WORDS_MAP,
    WORDS_FENCE, /* {what} */
    WORDS_FENCE_NOTHING,
    /* the access goes through: {access}, {who}, {what}, {sees} */
    WORDS_STORE,
    WORDS_LOAD,
    WORDS_AGAIN,
    WORDS_WRITE,
    WORDS_SEES, /* {who}, {value} */
    WORDS_SEES_TOO,
    /* {who}, {other}, {shared}, {lost} */
    WORDS_FORK,
    WORDS_FORK_ONE,
    WORDS_BEGINS,
    WORDS_RUN_BEGINS,
    /* between moments: {event} */
    WORDS_WAITS,
    WORDS_PROGRAM,
    WORDS_KERNEL_RUNS,
    WORDS_FIRMWARE,
    WORDS
};

/* What stands for {name}. A list of them ends with a NULL name. */
struct words_fact {
    const char *name, *text;
};

/* Writes a sentence. */
void words_write(char *out, size_t size, enum rvemu_lang lang, enum words row,
                 const struct words_fact *facts);

/* The template of a row. */
const char *words_template(enum rvemu_lang lang, enum words row);

#endif
