/* Features of a hart that its supervisor can change (SBI, "FWFT"). */
#ifndef FEATURES_H
#define FEATURES_H

#include "base/types.h"

/* By the numbers of the SBI. */
enum feature {
    FEATURE_MISALIGNED_DELEGATION = 0, /* of misaligned loads and stores */
    FEATURE_LANDING_PAD,
    FEATURE_SHADOW_STACK,
    FEATURE_DOUBLE_TRAP,
    FEATURE_AD_UPDATING, /* hardware sets A and D */
    FEATURE_POINTER_MASKING,
    FEATURES
};

/* Whether this hart has the feature; it is on or off. */
bool feature_exists(enum feature feature);
bool feature_is_on(enum feature feature);
void feature_set(enum feature feature, bool on);

/* Until the hart is reset. */
void feature_lock(enum feature feature);
bool feature_is_locked(enum feature feature);

/* What a supervisor begins with on this hart: nothing is locked. */
void features_reset(void);

#endif
