/*
 * Stores, loads and jumps whose lines and variables --explain has to name. The
 * lines that end in a comment are each met by a page fault, in the process that
 * it names.
 */
struct process {
    int pid;
    char stack[8188];
};

int library_sum(const int *from, int count); /* compiled without DWARF */

static volatile struct process proc[3];
static volatile char gap[4096];
static _Alignas(4096) volatile int counter; /* not beside the library's data */
static volatile int *volatile nowhere;
static void (*volatile absent)(void);
static char *volatile text;
#ifdef NEIGHBOUR
static const int numbers[2] = {1, 2}; /* beside the library's data */
#else
static _Alignas(4096) const int numbers[1024] = {1, 2};
#endif

static long call(long number, long a, long b, long c, long d)
{
    register long a0 __asm__("a0") = a, a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c, a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = 0, a7 __asm__("a7") = number;

    __asm__ volatile("ecall"
                     : "+r"(a0)
                     : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7)
                     : "memory");
    return a0;
}

static long start(void)
{
    return call(220, 17, 0, 0, 0); /* clone, SIGCHLD */
}

static void leave(void)
{
    call(93, 7, 0, 0, 0); /* exit */
}

static void await(void)
{
    call(260, -1, 0, 0, 0); /* wait4 */
}

static __attribute__((noinline)) void count(void)
{
    counter++; /* parent counter */
}

int main(void)
{
    counter = 1;
    proc[1].pid = gap[0];
    proc[2].pid = 1;
    library_sum(numbers, 2);
    if (!start()) {
        counter = 2;             /* child counter */
        proc[1].stack[3000] = 3; /* child proc[1].stack[3000] */
        proc[2].pid = 3;         /* child proc[2].pid */
        library_sum(numbers, 2);
        *nowhere = 1; /* child null */
        leave();
    }
    await();
    count();
    if (!start()) {
        absent(); /* child call */
        leave();
    }
    await();
    text = (char *)main;
    if (!start()) {
        *text = 1; /* child `main` */
        leave();
    }
    await();
    return 0;
}
