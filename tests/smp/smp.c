/* Harts that do as they are told; see smp.h. */
#include "smp.h"

unsigned harts = 1;

/* What one hart is to do: `asked` counts up, `answered` follows. */
struct place {
    work_fn *volatile work;
    volatile u64 asked, answered;
} __attribute__((aligned(64)));

static struct place places[HARTS_MAX];
static volatile u64 met, gone;

/* The CLINT has a register for each hart there is; elsewhere it reads 0. It is
 * one that the other harts, which run already, do not touch. */
void find_harts(void)
{
    for (unsigned hart = 1; hart < HARTS_MAX; hart++) {
        MTIMECMP[hart] = NONE;
        if (MTIMECMP[hart] == NONE)
            harts = hart + 1;
    }
}

bool await(volatile u64 *word, u64 value)
{
    for (unsigned i = 0; i < PATIENCE; i++)
        if (*word == value)
            return true;
    return false;
}

/* Interrupts stay off: wfi wakes all the same. */
_Noreturn void serve(unsigned hart)
{
    struct place *place = &places[hart];

    csr_write(mie, MSI_BIT);
    for (;;) {
        while (!(csr_read(mip) & MSI_BIT))
            wait_for_interrupt();
        MSIP[hart] = 0;
        fence();
        if (place->asked == place->answered)
            continue;
        place->work(hart);
        fence();
        place->answered++;
    }
}

void begin(unsigned hart, work_fn *work)
{
    places[hart].work = work;
    places[hart].asked++;
    fence();
    MSIP[hart] = 1;
}

void finish(unsigned hart)
{
    if (!await(&places[hart].answered, places[hart].asked)) {
        check("a-hart-is-through", hart, NONE);
        done();
    }
    fence();
}

void on_one(unsigned hart, work_fn *work)
{
    if (hart == 0) {
        work(0);
        return;
    }
    begin(hart, work);
    finish(hart);
}

void on_all(work_fn *work)
{
    met = gone = 0;
    for (unsigned hart = 1; hart < harts; hart++)
        begin(hart, work);
    work(0);
    for (unsigned hart = 1; hart < harts; hart++)
        finish(hart);
}

/* The last to come counts a meeting, for which the others wait. */
void meet(void)
{
    u64 meeting = gone;

    fence();
    if (amo_add(&met, 1) == harts - 1) {
        met = 0;
        fence();
        gone = meeting + 1;
    }
    while (gone == meeting)
        pause();
    fence();
}
