/*
 * What rvemu/cpu.h promises: the library's tables of models, extensions and
 * CSRs, for front ends. No state.
 */
#include <rvemu/cpu.h>

#include "isa/cpu_model.h"
#include "isa/csr.h"
#include "machine/elf_arch.h"

int rvemu_cpu_check(const char *cpu, struct rvemu_error *error)
{
    u64 isa;

    return cpu_model_parse(cpu, 0, &isa, error);
}

int rvemu_cpu_suits(const char *cpu, const struct rvemu_image *image,
                    const char *name, struct rvemu_error *error)
{
    u64 isa;

    if (cpu_model_parse(cpu, 0, &isa, error) < 0)
        return -1;
    return elf_arch_check(image, name, isa, error);
}

const char *rvemu_cpu_model(unsigned number)
{
    return cpu_model_name(number);
}

const char *rvemu_cpu_extension(unsigned number)
{
    for (unsigned e = 0; e < EXT_COUNT; e++)
        if (ext_info[e].how != EXT_FOLLOWS && number-- == 0)
            return ext_info[e].name;
    return NULL;
}

const char *rvemu_csr_name(unsigned number)
{
    return csr_name(number);
}
