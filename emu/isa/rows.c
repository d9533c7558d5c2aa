/* rv64.def laid out as tables; see rows.h. Constant data and no state. */
#include "isa/rows.h"

const struct format_info format_info[FORMAT_COUNT] = {
#define FORMAT(name, rd, rs1, rs2, immediate, file, text) \
    [FORMAT_##                                            \
        name] = {FIELD_##rd, FIELD_##rs1, FIELD_##rs2, IMM_##immediate, text},
#include "isa/rv64.def"
};

/* What a row's format and extension say about its flags. */
enum {
#define FORMAT(name, rd, rs1, rs2, immediate, file, text) \
    FORMAT_FLAGS_##name = file,
#include "isa/rv64.def"
};

#define FP_EXTENSIONS \
    (EXT_SET(F) | EXT_SET(D) | EXT_SET(ZFHMIN) | EXT_SET(ZFHMIN_D))
#define EXTENSION_FLAGS(ext) (FP_EXTENSIONS >> (ext)&1 ? OPF_FP : 0)

const struct op_info op_info[OP_COUNT] = {
    [OP_illegal] = {"illegal", FORMAT_NONE, EXT_I, OPF_END},
#define INSN(op, mnemonic, pattern, format, extension, flags)               \
    [OP_##op] = {mnemonic, FORMAT_##format, EXT_##extension,                \
                 FORMAT_FLAGS_##format | EXTENSION_FLAGS(EXT_##extension) | \
                     (flags)},
#include "isa/rv64.def"
};

const struct row insn_rows[] = {
#define INSN(op, mnemonic, pattern, format, extension, flags) \
    {mnemonic, pattern, OP_##op, FORMAT_##format, EXT_##extension},
#include "isa/rv64.def"
};

const struct row rvc_rows[] = {
#define RVC(name, mnemonic, pattern, format, extension, op) \
    {mnemonic, pattern, OP_##op, FORMAT_##format, EXT_##extension},
#define RESERVED(pattern) {NULL, pattern, OP_illegal, FORMAT_NONE, EXT_ZCA},
#include "isa/rv64.def"
};

const unsigned insn_row_count = sizeof(insn_rows) / sizeof(insn_rows[0]);
const unsigned rvc_row_count = sizeof(rvc_rows) / sizeof(rvc_rows[0]);

struct pattern pattern_parse(const char *text)
{
    struct pattern pattern = {0, 0};

    for (; *text; text++) {
        if (*text == ' ')
            continue;
        pattern.mask = pattern.mask << 1 | (*text != '.');
        pattern.match = pattern.match << 1 | (*text == '1');
    }
    return pattern;
}
