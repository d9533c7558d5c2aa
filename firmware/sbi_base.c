/*
 * SBI "Base Extension" (0x10): who is there, and what can it do.
 */
#include "csr.h"
#include "sbi.h"

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

struct sbi_result sbi_base(const struct sbi_call *call)
{
    switch (call->function) {
    case GET_SPEC_VERSION: return sbi_return(SBI_SPEC_VERSION);
    case GET_IMPL_ID: return sbi_return(IMPLEMENTATION_ID);
    case GET_IMPL_VERSION: return sbi_return(FIRMWARE_VERSION_NUMBER);
    case PROBE_EXTENSION: return sbi_return(sbi_is_extension(call->arg[0]));
    case GET_MVENDORID: return sbi_return(csr_read(mvendorid));
    case GET_MARCHID: return sbi_return(csr_read(marchid));
    case GET_MIMPID: return sbi_return(csr_read(mimpid));
    default: return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    }
}
