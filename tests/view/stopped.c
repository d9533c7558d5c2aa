/*
 * A machine stopped at a step, for the viewer's tests: what the library says of
 * it, by other ways than the viewer's.
 *
 *   stopped FIRMWARE KERNEL INITRD BOOTARGS < requests
 *
 * A request is a line "STEP SATP VA", all in hex, by growing STEP. The answer
 * is a line: the pc, privilege and satp of hart 0, then, for the address in
 * that space, the leaf (0: none), what hart 0's TLB has (0: nothing), and the
 * eight bytes there.
 */
#include <inttypes.h>
#include <stdio.h>

#include <rvemu/rvemu.h>

static rvemu *machine;
static bool ended;

static bool poll(void *self, uint64_t time, enum rvemu_ask ask, uint64_t *next)
{
    if (ask == RVEMU_ASK_NOW && !ended)
        rvemu_input(machine, &(struct rvemu_input){.kind = RVEMU_INPUT_END});
    ended = ended || ask == RVEMU_ASK_NOW;
    return true;
}

static void answer(uint64_t satp, uint64_t va)
{
    struct rvemu_walk walk;
    struct rvemu_tlb_entry entry;
    uint64_t now = 0, pa = 0, bytes = 0, leaf = 0;

    rvemu_walk(machine, satp, va, &walk);
    if (walk.is_mapped)
        leaf = walk.entry[walk.count - 1].pte;
    if (rvemu_translate(machine, satp, va, &pa) == 0)
        rvemu_read_ram(machine, pa, &bytes, sizeof(bytes));
    rvemu_csr(machine, 0, 0x180, &now);
    printf("%" PRIx64 " %u %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n",
           rvemu_pc(machine, 0), rvemu_priv(machine, 0), now, leaf,
           rvemu_tlb_find(machine, 0, satp, va, &entry) ? entry.pte : 0, bytes);
}

int main(int argc, char **argv)
{
    const struct rvemu_config config = {.host = {.poll = poll}};
    struct rvemu_image image[3] = {{0}};
    struct rvemu_guest guest = {.as = RVEMU_AS_KERNEL};
    struct rvemu_error error;
    struct rvemu_stop stop;
    uint64_t step, satp, va;

    for (int i = 0; i < 3 && argc == 5; i++)
        if (rvemu_image_read(&image[i], argv[i + 1], RVEMU_RAM_DEFAULT,
                             &error) < 0)
            return 1;
    if (argc != 5 || rvemu_create(&config, &machine, &error) < 0)
        return 1;
    guest.firmware = image[0];
    guest.image = image[1];
    guest.initrd = image[2];
    guest.bootargs = argv[4];
    if (rvemu_load(machine, &guest, &error) < 0)
        return 1;
    rvemu_input(machine, &(struct rvemu_input){.kind = RVEMU_INPUT_FILE});
    while (scanf("%" SCNx64 " %" SCNx64 " %" SCNx64, &step, &satp, &va) == 3) {
        if (step > rvemu_steps(machine, 0))
            rvemu_run(machine, step - rvemu_steps(machine, 0), &stop);
        answer(satp, va);
    }
    rvemu_destroy(machine);
    for (int i = 0; i < 3; i++)
        rvemu_image_free(&image[i]);
    return 0;
}
