/*
 * The host's floating-point environment around guest code; see fp.h.
 *
 * Nothing is kept here but what struct fp_env says: the environment itself is
 * a register of the host, so a hart that is live must stay on its thread.
 */
#include "hart/fp/fp_host.h"

void fp_slice_begin(struct fp_env *env, unsigned frm)
{
    env->host = fp_host_get();
    env->live = true;
    fp_host_set(fp_host_mode(frm));
}

u8 fp_slice_end(struct fp_env *env)
{
    u8 flags = fp_flags_collect(env);

    fp_host_set(env->host);
    env->live = false;
    return flags;
}

u8 fp_flags_collect(const struct fp_env *env)
{
    return env->live ? fp_host_flags(fp_host_get()) : 0;
}

void fp_flags_clear(const struct fp_env *env)
{
    if (env->live)
        fp_host_set(fp_host_without_flags(fp_host_get()));
}

void fp_rounding_set(const struct fp_env *env, unsigned frm)
{
    u64 now;

    if (!env->live)
        return;
    now = fp_host_get();
    fp_host_set(fp_host_mode(frm) | (now & ~fp_host_without_flags(now)));
}
