/* ELF files made byte by byte; see elf_file.h. */
#include "elf_file.h"

#include <string.h>

Elf64_Ehdr *header(struct file *file)
{
    return (Elf64_Ehdr *)file->bytes;
}

Elf64_Phdr *segment(struct file *file, unsigned i)
{
    return (Elf64_Phdr *)(file->bytes + sizeof(Elf64_Ehdr)) + i;
}

void make_elf(struct file *file, const struct part parts[], unsigned count)
{
    size_t at = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr);

    memset(file, 0, sizeof(*file));
    *header(file) = (Elf64_Ehdr){
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_RISCV,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (Elf64_Half)count,
    };
    for (unsigned i = 0; i < count; i++) {
        *segment(file, i) = (Elf64_Phdr){.p_type = PT_LOAD,
                                         .p_offset = at,
                                         .p_vaddr = parts[i].pa,
                                         .p_paddr = parts[i].pa,
                                         .p_filesz = parts[i].filled,
                                         .p_memsz = parts[i].size};
        memset(file->bytes + at, 'A' + (int)i, parts[i].filled);
        at += parts[i].filled;
    }
    file->size = at;
}

struct rvemu_image image_of(const struct file *file)
{
    return (struct rvemu_image){.data = file->bytes, .size = file->size};
}
