/*
 * The way of an SBI call to its extension. The base extension is served here:
 * what it is asked for is the table of extensions.
 */
#include "sbi.h"

#include "csr.h"
#include "trap_frame.h"

#define BASE_ID 0x10

/* Not in the specification's list of implementations: "emu" in ASCII. */
#define IMPLEMENTATION_ID 0x656d75

enum {
    GET_SPEC_VERSION,
    GET_IMPL_ID,
    GET_IMPL_VERSION,
    PROBE_EXTENSION,
    GET_MVENDORID,
    GET_MARCHID,
    GET_MIMPID,
};

static sbi_handler base;

struct extension {
    u64 id;
    sbi_handler *handler;
};

static const struct extension extensions[] = {
    {BASE_ID, base},
#define EXTENSION(id, name) {id, sbi_##name},
#include "sbi_extensions.def"
};

static sbi_handler *handler_of(u64 id)
{
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        if (extensions[i].id == id)
            return extensions[i].handler;
    }
    return NULL;
}

static bool is_extension(u64 id)
{
    return id <= SBI_LEGACY_LAST || handler_of(id);
}

static struct sbi_result base(const struct sbi_call *call)
{
    switch (call->function) {
    case GET_SPEC_VERSION: return sbi_return(SBI_SPEC_VERSION);
    case GET_IMPL_ID: return sbi_return(IMPLEMENTATION_ID);
    case GET_IMPL_VERSION: return sbi_return(FIRMWARE_VERSION_NUMBER);
    case PROBE_EXTENSION: return sbi_return(is_extension(call->arg[0]));
    case GET_MVENDORID: return sbi_return(csr_read(mvendorid));
    case GET_MARCHID: return sbi_return(csr_read(marchid));
    case GET_MIMPID: return sbi_return(csr_read(mimpid));
    default: return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    }
}

void sbi_serve(struct trap_frame *frame)
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
