/*
 * Unit tests of session.c: what becomes of a run when the host fails in the
 * middle of it. How runs end otherwise, the suite cli tests.
 */
#include "cli/session.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "bus/bus.h"
#include "host/loop.h"

#define RAM 0x80000000u

/* An ELF file of one segment and one instruction. */
static const struct file {
    Elf64_Ehdr head;
    Elf64_Phdr segment;
    u32 code;
} endless = {
    .head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
                         ELFDATA2LSB, EV_CURRENT},
             .e_type = ET_EXEC,
             .e_machine = EM_RISCV,
             .e_version = EV_CURRENT,
             .e_entry = RAM,
             .e_phoff = offsetof(struct file, segment),
             .e_ehsize = sizeof(Elf64_Ehdr),
             .e_phentsize = sizeof(Elf64_Phdr),
             .e_phnum = 1},
    .segment = {.p_type = PT_LOAD,
                .p_flags = PF_R | PF_X,
                .p_offset = offsetof(struct file, code),
                .p_vaddr = RAM,
                .p_paddr = RAM,
                .p_filesz = 4,
                .p_memsz = 4},
    .code = 0x0000006f, /* j . */
};

/* Takes the place of bus_init_over() where a machine that moves calls it. */
int __wrap_bus_init_over(struct bus *bus, const struct ram *ram,
                         struct rvemu_error *error);

int __wrap_bus_init_over(struct bus *bus, const struct ram *ram,
                         struct rvemu_error *error)
{
    *bus = (struct bus){.ram = *ram};
    bus->ram.frame_flags = NULL;
    return error_set(error, "out of host memory");
}

/* The machine is none any more, and nothing of it may be asked for. */
static void a_move_that_fails_is_the_hosts_fault(void **state)
{
    const struct options options = {
        .machine = {.ram_bytes = 4 << 20, .harts = 2, .test_move = 5},
        .serial = {.kind = OPTIONS_NULL},
        .max_insns = 1000,
    };
    const struct session_config config = {
        .options = &options,
        .guest = {.as = RVEMU_AS_MACHINE,
                  .image = {.data = &endless, .size = sizeof(endless)}},
        .end = LOOP_NEVER,
    };
    struct session_result result;
    struct rvemu_error error;

    assert_int_equal(session_run(&config, &result, &error), -1);
    assert_string_equal(error.text, "--test-move: out of host memory");
    assert_null(result.reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_move_that_fails_is_the_hosts_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
