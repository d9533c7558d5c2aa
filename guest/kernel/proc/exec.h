/* Running programs. */
#ifndef PROC_EXEC_H
#define PROC_EXEC_H

#include "lib/types.h"

struct inode;
struct mm;

/* Arguments and environment of a program: strings one after the other, each
 * with its zero byte, argv first. */
#define EXEC_STRINGS_MAX (2 << 20)

struct exec_args {
    char *strings;
    size_t size; /* of the room there is; it grows up to EXEC_STRINGS_MAX */
    size_t used;
    u32 argc;
    u32 envc;
};

/* False when memory is short. */
bool exec_args_init(struct exec_args *args);
void exec_args_free(struct exec_args *args);

/* Adds a kernel string; `env` ones come after all others. */
int exec_args_add(struct exec_args *args, const char *s, bool env);

/* Adds arguments from a file that has nothing but them, each with its zero
 * byte; -EINVAL if it has anything else. */
int exec_args_read(struct exec_args *args, struct inode *file);

/* Replaces the current task's program; a kernel thread becomes a process by
 * it. 0, and the user frame is set; or an error with nothing changed. */
int exec_inode(struct inode *file, const char *name,
               const struct exec_args *args);
int exec_path(const char *path, const struct exec_args *args);

i64 sys_execve(const u64 *args);

/* What the loader learned about a program. */
struct program {
    u64 entry;
    u64 phdr; /* user address of the program headers */
    u64 phnum;
    u64 end; /* of the highest segment: the heap begins there */
};

/* Makes the areas of an ELF file in a new space; loads nothing. ENOEXEC for
 * anything but a static riscv64 executable. */
int load_elf_binary(struct mm *mm, struct inode *file, struct program *out);

#endif
