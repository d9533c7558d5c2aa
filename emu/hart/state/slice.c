/* The steps of a slice; see slice.h. */
#include "hart/state/slice.h"

void slice_begin(struct slice *s, u64 steps)
{
    s->start = s->stop;
    s->end = s->start + steps;
    s->ends = SLICE_GOES_ON;
    slice_refill(s);
}

void slice_hold(struct slice *s, u64 at)
{
    if (at >= s->stop || !slice_is_running(s))
        return;
    s->budget -= (i64)(s->stop - at);
    s->stop = at;
}

void slice_refill(struct slice *s)
{
    s->budget += (i64)(s->end - s->stop);
    s->stop = s->end;
}

void slice_finish(struct slice *s, u64 now)
{
    s->start = s->stop = s->end = now;
    s->budget = 0;
}
