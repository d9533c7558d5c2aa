/*
 * How execution goes on behind an instruction whose body returned true.
 *
 *   WAY_ON      the next record of its block
 *   WAY_BRANCH  its body says whether the branch is taken: to imm, or on
 *   WAY_JUMP    to imm, an offset from the page's start, in the page or not
 *   WAY_PC      its body has set pc
 *   WAY_END     behind the instruction, which ends its block
 *
 * A body of any other way that returns false leaves the block (hart.h).
 */
#ifndef HART_INTERP_WAYS_H
#define HART_INTERP_WAYS_H

#include "hart/code/block.h"

enum way { WAY_ON, WAY_BRANCH, WAY_JUMP, WAY_PC, WAY_END };

#define WAY(format, flags)               \
    ((format) == FORMAT_B   ? WAY_BRANCH \
     : (format) == FORMAT_J ? WAY_JUMP   \
     : (flags)&OPF_END      ? WAY_END    \
     : (flags)&OPF_BRANCH   ? WAY_PC     \
                            : WAY_ON)

enum {
#define INSN(name, mnemonic, pattern, format, extension, flags) \
    WAY_OF_##name = WAY(FORMAT_##format, flags),
#include "isa/rv64.def"
#define CODE(name, way) WAY_OF_##name = WAY_##way,
#include "hart/code/ops.def"
};

#endif
