/* The counters of a hart; see counters.h. */
#include "hart/counters.h"

#include "base/bits.h"
#include "hart/hart.h"

#define IMPLEMENTED (1u << COUNTER_CY | 1u << COUNTER_IR)

/* The running count, less what is being executed. */
static u64 running(const struct hart *h, unsigned number)
{
    switch (number) {
    case COUNTER_CY: return hart_steps(h);
    case COUNTER_IR: return hart_retired(h);
    default: return 0;
    }
}

u64 counters_read(struct hart *h, unsigned number)
{
    const struct counters *c = &h->counters;

    if (number == COUNTER_TM)
        return h->read_time(h->time_source);
    return bit(c->inhibited, number) ? c->word[number]
                                     : c->word[number] + running(h, number);
}

/* The value that the next instruction reads. */
static void set_next(struct hart *h, unsigned number, u64 value)
{
    struct counters *c = &h->counters;

    if (!bit(c->inhibited, number))
        value -= running(h, number) + 1;
    c->word[number] = value;
}

void counters_write(struct hart *h, unsigned number, u64 value)
{
    if (bit(IMPLEMENTED, number))
        set_next(h, number, value);
}

void counters_inhibit(struct hart *h, u64 value)
{
    struct counters *c = &h->counters;
    u32 changed = (c->inhibited ^ (u32)value) & IMPLEMENTED;

    for (unsigned number = 0; changed >> number; number++) {
        if (bit(changed, number)) {
            bool counted = !bit(c->inhibited, number);
            u64 now = counters_read(h, number) + counted;

            c->inhibited ^= 1u << number;
            set_next(h, number, now);
        }
    }
}

bool counters_are_open(const struct hart *h, unsigned number)
{
    if (h->priv < PRIV_M && !bit(h->csr.mcounteren, number))
        return false;
    return h->priv > PRIV_U || bit(h->csr.scounteren, number);
}

void counters_reset(struct hart *h)
{
    h->counters = (struct counters){0};
}
