/* Semihosting calls; see semihosting.h. What each does is the machine's. */
#include "hart/system/semihosting.h"

#include "base/bits.h"
#include "isa/privileged.h"

#define SLLI_BEFORE 0x01f01013
#define EBREAK 0x00100073
#define SRAI_BEHIND 0x40705013

bool semihosting_call(struct hart *h, const struct insn *in)
{
    const u8 *page = h->c.code ? h->c.code->host : NULL;

    if (h->s.priv == PRIV_U && !h->w.config.user_semihosting)
        return false;
    if (!page || in->off < 4 || in->off + 8u > PAGE_SIZE)
        return false;
    if (load_le32(page + in->off - 4) != SLLI_BEFORE ||
        load_le32(page + in->off) != EBREAK ||
        load_le32(page + in->off + 4) != SRAI_BEHIND)
        return false;
    h->c.in = in;
    h->w.semihost(h->w.semihost_host, h);
    return true;
}
