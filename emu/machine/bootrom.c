/*
 * The boot ROM at 0x1000, word for word the one of QEMU 7.2's virt machine:
 *
 *   0x00  auipc t0, 0         0x18  .dword start
 *   0x04  addi  a2, t0, 0x28  0x20  .dword device tree
 *   0x08  csrr  a0, mhartid   0x28  fw_dynamic_info:
 *   0x0c  ld    a1, 32(t0)            .dword magic, version, next address,
 *   0x10  ld    t0, 24(t0)            .dword next mode, options, boot hart
 *   0x14  jr    t0
 *
 * so that a firmware finds a0 = hart, a1 = device tree, a2 = fw_dynamic_info
 * (OpenSBI, include/sbi/fw_dynamic.h).
 */
#include "machine/bootrom.h"

#define FW_DYNAMIC_MAGIC 0x4942534f /* "OSBI" in memory */
#define FW_DYNAMIC_VERSION 2
#define FW_DYNAMIC_MODE_S 1
#define FW_DYNAMIC_NO_BOOT_PRINTS 1 /* OpenSBI, include/sbi/sbi_scratch.h */

static void put(struct rom *rom, unsigned offset, unsigned size, u64 value)
{
    for (unsigned i = 0; i < size; i++)
        rom->s.bytes[offset + i] = (u8)(value >> 8 * i);
}

void bootrom_fill(struct rom *rom, const struct bootrom *boot)
{
    static const u32 code[] = {0x00000297, 0x02828613, 0xf1402573,
                               0x0202b583, 0x0182b283, 0x00028067};
    const u64 data[] = {boot->start,
                        boot->device_tree,
                        FW_DYNAMIC_MAGIC,
                        FW_DYNAMIC_VERSION,
                        boot->next,
                        FW_DYNAMIC_MODE_S,
                        boot->quiet ? FW_DYNAMIC_NO_BOOT_PRINTS : 0,
                        0 /* hart 0 boots */};
    unsigned offset = 0;

    for (unsigned i = 0; i < sizeof(code) / sizeof(code[0]); i++, offset += 4)
        put(rom, offset, 4, code[i]);
    for (unsigned i = 0; i < sizeof(data) / sizeof(data[0]); i++, offset += 8)
        put(rom, offset, 8, data[i]);
}
