/*
 * ELF files made byte by byte, so that they can be broken.
 */
#ifndef ELF_FILE_H
#define ELF_FILE_H

#include <elf.h>

#include <rvemu/image.h>

#include "base/types.h"

/* One file under construction: a header, program headers, then data. */
struct file {
    u8 bytes[8192];
    size_t size;
};

/* A segment: where it goes, how much of it is in the file, how large it is. */
struct part {
    u64 pa;
    u64 filled;
    u64 size;
};

Elf64_Ehdr *header(struct file *file);
Elf64_Phdr *segment(struct file *file, unsigned i);

/* An executable of these parts, filled with As, Bs, …. */
void make_elf(struct file *file, const struct part parts[], unsigned count);

struct rvemu_image image_of(const struct file *file);

#endif
