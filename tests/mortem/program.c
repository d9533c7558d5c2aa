/*
 * The program that the failing kernel runs: it calls deep enough for its
 * frames to be worth telling, and stores where its kernel has told it to.
 */
static void __attribute__((noinline)) touch(volatile long *where)
{
    *where = 1; /* the program's store */
}

/* For ever. */
static void __attribute__((noinline)) touch_on(volatile long *where)
{
    for (;;)
        ++*where;
}

static void __attribute__((noinline)) work(volatile long *where)
{
    touch(where);
    touch_on(where);
}

void __attribute__((section(".text.start"), noreturn)) program_main(void)
{
    work((volatile long *)0x40000);
    __builtin_unreachable();
}
