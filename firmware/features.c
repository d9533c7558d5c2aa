/*
 * Features of a hart that its supervisor can change.
 *
 * Misaligned loads and stores are the hardware's; LR, SC and AMOs trap. What
 * traps and is not delegated is counted and goes on to the supervisor all the
 * same (trap.c).
 *
 * Whether hardware sets A and D can be chosen on a hart with both Svade and
 * Svadu, which has them off after reset; one with Svadu alone has them on, and
 * its supervisor relies on that.
 */
#include "features.h"

#include "hart.h"
#include "probe.h"

#define MISALIGNED \
    (1 << 4 | /* load address misaligned */ 1 << 6 /* store, too */)

/* On a hart that has just been reset. */
static bool find_ad_choice(void)
{
    bool on;

    if (!probe_set_menvcfg(0) || csr_read(CSR_MENVCFG) & MENVCFG_ADUE)
        return false;
    probe_set_menvcfg(MENVCFG_ADUE);
    on = csr_read(CSR_MENVCFG) & MENVCFG_ADUE;
    csr_clear(CSR_MENVCFG, MENVCFG_ADUE);
    return on;
}

bool feature_exists(enum feature feature)
{
    return feature == FEATURE_MISALIGNED_DELEGATION ||
           (feature == FEATURE_AD_UPDATING && hart_self()->has_ad_choice);
}

bool feature_is_on(enum feature feature)
{
    if (feature == FEATURE_AD_UPDATING)
        return csr_read(CSR_MENVCFG) & MENVCFG_ADUE;
    return csr_read(medeleg) & MISALIGNED;
}

static void set_ad_updating(bool on)
{
    if (on)
        csr_set(CSR_MENVCFG, MENVCFG_ADUE);
    else
        csr_clear(CSR_MENVCFG, MENVCFG_ADUE);
    __asm__ volatile("sfence.vma" ::: "memory");
}

void feature_set(enum feature feature, bool on)
{
    if (feature == FEATURE_AD_UPDATING)
        set_ad_updating(on);
    else if (on)
        csr_set(medeleg, MISALIGNED);
    else
        csr_clear(medeleg, MISALIGNED);
}

void feature_lock(enum feature feature)
{
    hart_self()->locked_features |= 1u << feature;
}

bool feature_is_locked(enum feature feature)
{
    return hart_self()->locked_features >> feature & 1;
}

void features_reset(void)
{
    struct hart *hart = hart_self();

    if (!hart->has_features) {
        hart->has_features = true;
        hart->has_ad_choice = find_ad_choice();
    }
    hart->locked_features = 0;
    feature_set(FEATURE_MISALIGNED_DELEGATION, true);
    if (hart->has_ad_choice)
        set_ad_updating(false);
}
