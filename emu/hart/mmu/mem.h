/*
 * Loads, stores and atomics: everything but the hit in a small array.
 *
 * Unprivileged spec: "Load and Store Instructions", "A" extension. Misaligned
 * loads and stores work in RAM, also across pages: both parts are translated
 * before anything is written, and a fault names the faulting part. LR, SC and
 * AMOs must be aligned.
 *
 * Privileged spec, "Physical Memory Attributes": RAM takes all of that. To a
 * device, misaligned accesses, widths that it does not have, LR, SC, cbo.zero
 * and page-table walks are access faults. An AMO is a read and a write of it,
 * as on QEMU; with --strict-pma that is an access fault, too. Instructions come
 * from RAM and ROM only.
 *
 * All of these return as bodies do (hart.h): false means that the block has
 * to be left, with or without an exception.
 */
#ifndef HART_MMU_MEM_H
#define HART_MMU_MEM_H

#include "hart/state/hart.h"

/* size is 1, 2, 4 or 8; the value is zero-extended. */
bool mem_load_slow(struct hart *hart, const struct insn *in, u64 va,
                   unsigned size, u64 *value);
bool mem_store_slow(struct hart *hart, const struct insn *in, u64 va,
                    unsigned size, u64 value);

/* What an AMO does to memory: the new value from the old and the operand,
 * both sign-extended to 64 bits. */
typedef u64 amo_fn(u64 old, u64 operand);

bool mem_amo(struct hart *hart, const struct insn *in, unsigned size,
             amo_fn *combine);
bool mem_lr(struct hart *hart, const struct insn *in, unsigned size);
bool mem_sc(struct hart *hart, const struct insn *in, unsigned size);

/* Bytes of a cache block (Zic64b). */
#define CBO_BLOCK 64

/* The operations of exec_cbo.h on the cache block that va lies in: the
 * management ones need a right to load or store, and fault as stores do;
 * zeroing is a store of the whole cache block. tval of a fault is va. */
bool mem_manage_cache_block(struct hart *hart, const struct insn *in, u64 va);
bool mem_zero_cache_block(struct hart *hart, const struct insn *in, u64 va);

#endif
