/*
 * An example of the library: prints every page fault of a program, and what the
 * kernel then does to its page tables.
 *
 *   faults FIRMWARE KERNEL INITRD BOOTARGS
 *
 *     644,512 store to 0x3fffffcdf8 refused: not_writable
 *     644,903   level 0 entry of 0x3fffffc000: 87e0a:DA-U--RV -> 802cd:DA-U-WRV
 *
 * Two subscriptions choose what is told: faults in U-mode, and entries that
 * govern addresses of programs. Events are told while rvemu_run() runs; the
 * machine is not to be asked for anything meanwhile.
 */
#include <inttypes.h>
#include <stdio.h>

#include <rvemu/rvemu.h>

#define USER_END (UINT64_C(1) << 38) /* of Sv39's lower half */
#define STEPS UINT64_C(1000000000)

static void tell_fault(void *arg, const struct rvemu_event *event)
{
    printf("%12" PRIu64 " %s to 0x%" PRIx64 " refused: %s\n", event->time,
           rvemu_access_name((unsigned)event->page_fault.access),
           event->page_fault.va,
           rvemu_reason_name((unsigned)event->page_fault.reason));
}

static void tell_edit(void *arg, const struct rvemu_event *event)
{
    char old[64], new[64];

    rvemu_pte_text(old, sizeof(old), event->pte_write.old);
    rvemu_pte_text(new, sizeof(new), event->pte_write.new);
    printf("%12" PRIu64 "   level %" PRIu64 " entry of 0x%" PRIx64
           ": %s -> %s\n",
           event->time, event->pte_write.level, event->pte_write.va, old, new);
}

static const struct rvemu_subscription faults = {
    .kinds = RVEMU_EVENT_BIT(page_fault),
    .privs = 1 << 0, /* U */
    .call = tell_fault,
};

static const struct rvemu_subscription edits = {
    .kinds = RVEMU_EVENT_BIT(pte_write),
    .has_va = true,
    .va = {0, USER_END - 1},
    .call = tell_edit,
};

static int run(rvemu *machine, const struct rvemu_guest *guest,
               struct rvemu_error *error)
{
    struct rvemu_stop stop;

    if (rvemu_load(machine, guest, error) < 0)
        return -1;
    if (rvemu_subscription_begin(machine, &faults) < 0 ||
        rvemu_subscription_begin(machine, &edits) < 0)
        return rvemu_error_set(error, "no room for two subscriptions");
    rvemu_run(machine, STEPS, &stop);
    if (stop.reason != RVEMU_STOP_PASS)
        return rvemu_error_set(error, "the guest did not power off");
    return 0;
}

int main(int argc, char **argv)
{
    const struct rvemu_config config = {.ram_bytes = RVEMU_RAM_DEFAULT};
    struct rvemu_error error;
    rvemu *machine;
    int failed;

    if (argc != 5) {
        fprintf(stderr, "usage: faults FIRMWARE KERNEL INITRD BOOTARGS\n");
        return 2;
    }
    if (rvemu_create(&config, &machine, &error) < 0) {
        fprintf(stderr, "faults: %s\n", error.text);
        return 1;
    }
    failed = run(machine,
                 &(struct rvemu_guest){.as = RVEMU_AS_KERNEL,
                                       .firmware.path = argv[1],
                                       .image.path = argv[2],
                                       .initrd.path = argv[3],
                                       .bootargs = argv[4]},
                 &error);
    if (failed)
        fprintf(stderr, "faults: %s\n", error.text);
    rvemu_destroy(machine);
    return failed ? 1 : 0;
}
