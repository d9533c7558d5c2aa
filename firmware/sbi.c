/* The table of SBI extensions, and the way of a call through it. */
#include "sbi.h"

#include "trap.h"

struct extension {
    u64 id;
    sbi_handler *handler;
};

static const struct extension extensions[] = {
    {0x10, sbi_base},         {0x54494d45, sbi_time}, /* "TIME" */
    {0x735049, sbi_ipi},                              /* "sPI" */
    {0x52464e43, sbi_rfence},                         /* "RFNC" */
    {0x48534d, sbi_hsm},                              /* "HSM" */
    {0x53525354, sbi_srst},                           /* "SRST" */
    {0x4442434e, sbi_dbcn},   {0x504d55, sbi_pmu},    /* "DBCN", "PMU" */
};

static sbi_handler *handler_of(u64 id)
{
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        if (extensions[i].id == id)
            return extensions[i].handler;
    }
    return NULL;
}

bool sbi_is_extension(u64 id)
{
    return id <= SBI_LEGACY_LAST || handler_of(id);
}

void sbi_call(struct trap_frame *frame)
{
    u64 *x = frame->x1_to_31;
    struct sbi_call call = {.extension = x[FRAME_A7],
                            .function = x[FRAME_A6],
                            .arg = &x[FRAME_A0],
                            .frame = frame};
    sbi_handler *handler = handler_of(call.extension);
    struct sbi_result result = sbi_fail(SBI_ERR_NOT_SUPPORTED);

    if (call.extension <= SBI_LEGACY_LAST) {
        if (sbi_legacy(&call, &x[FRAME_A0]))
            frame->mepc += 4;
        return;
    }
    if (handler)
        result = handler(&call);
    x[FRAME_A0] = (u64)result.error;
    x[FRAME_A1] = result.value;
    frame->mepc += 4;
}
