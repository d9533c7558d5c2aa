/* The calls of the SBI; see sbi.h. */
#include "hart/system/sbi.h"

#include "base/bits.h"

enum { A0 = 10, A1 = 11, A2 = 12, A6 = 16, A7 = 17 };

#define HSM 0x48534d
#define HSM_STOP 1
#define HSM_SUSPEND 3
#define ECALL_BYTES 4
#define NOWHERE 1 /* no instruction begins there */

void sbi_reset(struct hart *h)
{
    h->s.sbi = (struct sbi_call){
        .open = 1, .back = NOWHERE, .extension = HSM, .function = HSM_STOP};
}

/* Types of suspension from 2^31 on keep nothing ("Hart Suspend"). */
static bool gives_hart_back(const struct hart *h, const struct sbi_call *call)
{
    return call->extension == HSM &&
           (call->function == HSM_STOP ||
            (call->function == HSM_SUSPEND && bit(h->s.x[A0], 31)));
}

static void report_stop(struct hart *h, bool suspends)
{
    const u64 *x = h->s.x;
    struct rvemu_ev_hart_stop stop = {0};

    if (suspends)
        stop = (struct rvemu_ev_hart_stop){(u32)x[A0], x[A1], x[A2]};
    hart_event(h, RVEMU_EVENT_hart_stop)->hart_stop = stop;
}

void sbi_called(struct hart *h)
{
    const u64 *x = h->s.x;
    struct sbi_call *call = &h->s.sbi;

    *call = (struct sbi_call){.open = 1,
                              .back = h->s.pc + ECALL_BYTES,
                              .extension = x[A7],
                              .function = x[A6]};
    if (trace_wants(h->w.trace, RVEMU_EVENT_sbi))
        hart_event(h, RVEMU_EVENT_sbi)->sbi = (struct rvemu_ev_sbi){
            call->extension, call->function, x[A0], x[A1], x[A2]};
    if (trace_wants(h->w.trace, RVEMU_EVENT_hart_stop) &&
        gives_hart_back(h, call))
        report_stop(h, call->function == HSM_SUSPEND);
}

static bool gave_hart_back(const struct sbi_call *call)
{
    return call->extension == HSM &&
           (call->function == HSM_STOP || call->function == HSM_SUSPEND);
}

void sbi_left(struct hart *h, u64 pc, unsigned priv)
{
    struct sbi_call *call = &h->s.sbi;
    bool returns = pc == call->back && priv == PRIV_S;

    call->open = 0;
    if (returns && trace_wants(h->w.trace, RVEMU_EVENT_sbi_return))
        hart_event(h, RVEMU_EVENT_sbi_return)->sbi_return =
            (struct rvemu_ev_sbi_return){call->extension, call->function,
                                         h->s.x[A0], h->s.x[A1]};
    if (!returns && gave_hart_back(call) &&
        trace_wants(h->w.trace, RVEMU_EVENT_hart_start))
        hart_event(h, RVEMU_EVENT_hart_start)->hart_start =
            (struct rvemu_ev_hart_start){pc, priv, h->s.x[A0], h->s.x[A1]};
}
