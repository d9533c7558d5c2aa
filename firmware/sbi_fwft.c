/*
 * SBI "Firmware Features Extension" (FWFT, SBI 3.0): the standard features that
 * are a hart's own. A number is 32 bits; what is above them is ignored.
 */
#include "features.h"
#include "sbi.h"

enum { SET, GET };

#define SET_LOCK 1

/* Why a feature cannot be got or set; SBI_SUCCESS if it can. */
static enum sbi_error refusal(u32 feature)
{
    if (feature >= FEATURES)
        return SBI_ERR_DENIED; /* reserved, or another platform's */
    return feature_exists(feature) ? SBI_SUCCESS : SBI_ERR_NOT_SUPPORTED;
}

static struct sbi_result set(u32 feature, u64 value, u64 flags)
{
    enum sbi_error error = refusal(feature);

    if (error)
        return sbi_fail(error);
    if (flags & ~(u64)SET_LOCK)
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    if (feature_is_locked(feature))
        return sbi_fail(SBI_ERR_DENIED_LOCKED);
    if (value > 1)
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    feature_set(feature, value);
    if (flags & SET_LOCK)
        feature_lock(feature);
    return sbi_return(0);
}

static struct sbi_result get(u32 feature)
{
    enum sbi_error error = refusal(feature);

    return error ? sbi_fail(error) : sbi_return(feature_is_on(feature));
}

struct sbi_result sbi_fwft(const struct sbi_call *call)
{
    const u64 *arg = call->arg;

    switch (call->function) {
    case SET: return set((u32)arg[0], arg[1], arg[2]);
    case GET: return get((u32)arg[0]);
    default: return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    }
}
