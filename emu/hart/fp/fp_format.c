/* The classes of a format's values; see fp_format.h. */
#include "hart/fp/fp_format.h"

/*
 * bit 0 −∞, 1 negative normal, 2 negative subnormal, 3 −0, 4 +0,
 * 5 positive subnormal, 6 positive normal, 7 +∞, 8 signaling, 9 quiet NaN
 */
u64 fp_classify(enum fp_format format, u64 a)
{
    u64 magnitude = a & (fp_sign_bit(format) - 1);
    unsigned distance; /* from zero: 0 zero … 3 infinity */

    if (fp_is_nan(format, a))
        return fp_is_signaling(format, a) ? 1 << 8 : 1 << 9;
    if (magnitude == fp_infinity(format))
        distance = 3;
    else if (magnitude >> fp_frac_bits(format))
        distance = 2;
    else
        distance = magnitude != 0;
    return a & fp_sign_bit(format) ? 8u >> distance : 16u << distance;
}
