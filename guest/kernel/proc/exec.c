/*
 * execve: a new address space is built beside the old one, and replaces it
 * only when nothing can fail any more.
 *
 * The new stack, from its top down:
 *
 *   path of the program, strings, 16 random bytes,
 *   auxiliary vector, 0, envp[], 0, argv[], argc  <- sp, 16-byte aligned
 */
#include "proc/exec.h"

#include "check/selfcheck.h"
#include "file/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/csr.h"
#include "lib/errno.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "proc/deliver.h"
#include "ram/slab.h"
#include "task/mark.h"
#include "task/task.h"
#include "task/timer.h"
#include "task/wait.h"
#include "uapi/mark.h"

#define AT_PHDR 3
#define AT_PHENT 4
#define AT_PHNUM 5
#define AT_PAGESZ 6
#define AT_BASE 7
#define AT_FLAGS 8
#define AT_ENTRY 9
#define AT_UID 11
#define AT_EUID 12
#define AT_GID 13
#define AT_EGID 14
#define AT_HWCAP 16
#define AT_CLKTCK 17
#define AT_SECURE 23
#define AT_RANDOM 25
#define AT_EXECFN 31

#define HWCAP_IMAFDC 0x112d /* bit of each letter */
#define PHENT_SIZE 56

bool exec_args_init(struct exec_args *args)
{
    *args =
        (struct exec_args){.strings = kmalloc(PAGE_SIZE), .size = PAGE_SIZE};
    return args->strings != NULL;
}

void exec_args_free(struct exec_args *args)
{
    kfree(args->strings);
}

/* Doubles the room for strings. */
static int grow(struct exec_args *args)
{
    char *strings;

    if (args->size >= EXEC_STRINGS_MAX)
        return -E2BIG;
    strings = kmalloc(2 * args->size);
    if (!strings)
        return -ENOMEM;
    memcpy(strings, args->strings, args->used);
    kfree(args->strings);
    args->strings = strings;
    args->size *= 2;
    return 0;
}

static int make_room(struct exec_args *args, size_t n)
{
    int err = 0;

    while (!err && n > args->size - args->used)
        err = grow(args);
    return err;
}

int exec_args_add(struct exec_args *args, const char *s, bool env)
{
    size_t n = strlen(s) + 1;
    int err = make_room(args, n);

    if (err)
        return err;
    memcpy(args->strings + args->used, s, n);
    args->used += n;
    if (env)
        args->envc++;
    else
        args->argc++;
    return 0;
}

int exec_args_read(struct exec_args *args, struct inode *file)
{
    u64 n = inode_size(file);
    int err = n < EXEC_STRINGS_MAX ? make_room(args, n) : -E2BIG;
    char *at = args->strings + args->used;

    if (err)
        return err;
    if (!n || inode_read(file, 0, at, n) != (i64)n || at[n - 1])
        return -EINVAL;
    args->used += n;
    for (; n; at++, n--)
        args->argc += !*at;
    return 0;
}

struct stack {
    struct mm *mm;
    u64 sp;
    int err;
};

static void push(struct stack *st, const void *data, size_t n)
{
    st->sp -= n;
    if (!st->err)
        st->err = mm_write(st->mm, st->sp, data, n);
}

/* Pointers to `count` strings that begin at user address `at`. */
static u64 fill_pointers(u64 *vec, u32 count, const char **s, u64 at)
{
    for (u32 i = 0; i < count; i++) {
        size_t n = strlen(*s) + 1;

        vec[i] = at;
        *s += n;
        at += n;
    }
    vec[count] = 0;
    return at;
}

/* argc, argv, envp and auxv as one block of words. */
static int push_vectors(struct stack *st, const struct exec_args *args,
                        u64 strings, const u64 (*aux)[2], size_t aux_count)
{
    size_t words = 1 + args->argc + 1 + args->envc + 1 + 2 * aux_count;
    const char *s = args->strings;
    u64 *block = kmalloc(words * sizeof(u64));

    if (!block)
        return -ENOMEM;
    block[0] = args->argc;
    strings = fill_pointers(block + 1, args->argc, &s, strings);
    fill_pointers(block + 2 + args->argc, args->envc, &s, strings);
    memcpy(block + 3 + args->argc + args->envc, aux, aux_count * sizeof(*aux));
    st->sp -= words * sizeof(u64) % 16; /* sp is to end up aligned */
    push(st, block, words * sizeof(u64));
    kfree(block);
    return st->err;
}

static int build_stack(struct stack *st, const struct exec_args *args,
                       const struct program *prog, const char *path)
{
    u8 random[16];
    u64 execfn, strings;

    push(st, path, strlen(path) + 1);
    execfn = st->sp;
    push(st, args->strings, args->used);
    strings = st->sp;
    random_fill(random, sizeof(random));
    st->sp = ALIGN_DOWN(st->sp, 16);
    push(st, random, sizeof(random));
    st->mm->arg_start = strings;
    st->mm->arg_end = strings;
    for (u32 i = 0; i < args->argc; i++)
        st->mm->arg_end +=
            strlen(args->strings + (st->mm->arg_end - strings)) + 1;
    const u64 aux[][2] = {
        {AT_PHDR, prog->phdr},
        {AT_PHENT, PHENT_SIZE},
        {AT_PHNUM, prog->phnum},
        {AT_PAGESZ, PAGE_SIZE},
        {AT_BASE, 0},
        {AT_FLAGS, 0},
        {AT_ENTRY, prog->entry},
        {AT_UID, 0},
        {AT_EUID, 0},
        {AT_GID, 0},
        {AT_EGID, 0},
        {AT_SECURE, 0},
        {AT_HWCAP, HWCAP_IMAFDC},
        {AT_CLKTCK, USER_HZ},
        {AT_RANDOM, st->sp},
        {AT_EXECFN, execfn},
        {0, 0},
    };
    return push_vectors(st, args, strings, aux, ARRAY_LEN(aux));
}

static struct mm *build_mm(struct inode *file, const char *path,
                           const struct exec_args *args, struct program *prog,
                           u64 *sp, int *err)
{
    struct mm *mm = mm_create();
    struct stack st = {mm, STACK_TOP, 0};

    *err = -ENOMEM;
    if (!mm)
        return NULL;
    *err = load_elf_binary(mm, file, prog);
    if (!*err)
        *err = do_mmap(mm, STACK_TOP - STACK_SIZE, STACK_SIZE,
                       VM_READ | VM_WRITE | VM_STACK, NULL, 0, 0);
    if (!*err)
        *err = deliver_map_trampoline(mm);
    if (!*err)
        *err = build_stack(&st, args, prog, path);
    if (*err) {
        mm_put(mm);
        return NULL;
    }
    mm->brk_start = mm->brk = ALIGN_UP(prog->end, PAGE_SIZE);
    mm->exe = inode_get(file);
    *sp = st.sp;
    return mm;
}

static void mark_program(const struct task *t)
{
    mark_exec(t->pid, mm_satp(t->mm), t->comm);
    list_for_each (at, &t->mm->vmas) {
        const struct vma *vma = list_entry(at, struct vma, link);

        mark_area(t->pid, vma->start, vma->end, mark_area_kind(vma));
    }
}

/* The point of no return. */
static void adopt(struct mm *mm, const char *name, u64 entry, u64 sp)
{
    struct task *t = current;
    struct mm *old = t->mm;
    struct trapframe *tf = task_trapframe(t);

    t->mm = mm;
    task_set_comm(t, name);
    mm_activate(mm);
    mark_switch(t->pid, mm_satp(mm), t->comm);
    if (old)
        mm_put(old);
    if (t->vfork_done)
        complete(t->vfork_done);
    t->vfork_done = NULL;
    t->clear_tid = 0;
    t->exit_signal = SIGCHLD;
    fdtable_close_on_exec(t->files);
    signal_reset(t);
    memset(tf, 0, sizeof(*tf));
    tf->regs[REG_PC] = entry;
    tf->regs[REG_SP] = sp;
    tf->status = SSTATUS_SPIE;
    mark_program(t);
    selfcheck_step();
}

int exec_inode(struct inode *file, const char *name,
               const struct exec_args *args)
{
    struct program prog;
    struct mm *mm;
    u64 sp;
    int err;

    if (!current->files) {
        current->files = fdtable_new();
        if (!current->files)
            return -ENOMEM;
    }
    mm = build_mm(file, name, args, &prog, &sp, &err);
    if (!mm)
        return err;
    adopt(mm, name, prog.entry, sp);
    return 0;
}

int exec_path(const char *path, const struct exec_args *args)
{
    struct inode *file;
    int err = path_lookup(current->cwd, path, true, &file);

    if (err)
        return err;
    if (!inode_is(file, S_IFREG) || !(file->mode & 0111))
        err = -EACCES;
    else
        err = exec_inode(file, path, args);
    inode_put(file);
    return err;
}

/* Adds a string of a user's. How long it is shows when it has been copied. */
static int add_user_string(struct exec_args *args, u64 at)
{
    i64 n;
    int err = 0;

    do {
        n = copy_string_from_user(args->strings + args->used, at,
                                  args->size - args->used);
        if (n == -ENAMETOOLONG)
            err = grow(args);
    } while (n == -ENAMETOOLONG && !err);
    if (err || n < 0)
        return err ? err : (int)n;
    args->used += (size_t)n + 1;
    return 0;
}

/* Adds the strings of a user's argv or envp. */
static int add_user_strings(struct exec_args *args, u64 vec, u32 *count)
{
    for (; vec; vec += sizeof(u64)) {
        u64 at;
        int err;

        if (copy_from_user(&at, vec, sizeof(at)))
            return -EFAULT;
        if (!at)
            break;
        err = add_user_string(args, at);
        if (err)
            return err;
        ++*count;
    }
    return 0;
}

i64 sys_execve(const u64 *a)
{
    char path[PATH_SIZE];
    struct exec_args args;
    i64 n = copy_string_from_user(path, a[0], sizeof(path));
    int err;

    if (n < 0)
        return n;
    if (!exec_args_init(&args))
        return -ENOMEM;
    err = add_user_strings(&args, a[1], &args.argc);
    if (!err)
        err = add_user_strings(&args, a[2], &args.envc);
    if (!err)
        err = exec_path(path, &args);
    exec_args_free(&args);
    return err;
}
