/* The guests of the build folder; see guest_rig.h. */
#include "guest_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Seen from build/tests/unit/. */
struct rvemu_image guest_image(const char *name, char path[PATH_MAX])
{
    char self[PATH_MAX - 64];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    assert_true(length > 0);
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, PATH_MAX, "%s/../../%s", self, name);
    return (struct rvemu_image){.path = path};
}

void guest_load(rvemu *machine, const char *file, const char *bootargs)
{
    char path[PATH_MAX], firmware[PATH_MAX], initrd[PATH_MAX];
    struct rvemu_guest guest = {.image = guest_image(file, path)};
    struct rvemu_error error;

    if (bootargs) {
        guest.as = RVEMU_AS_KERNEL;
        guest.firmware = guest_image("firmware/firmware.elf", firmware);
        guest.initrd = guest_image("guest/user/initrd.cpio", initrd);
        guest.bootargs = bootargs;
    }
    if (rvemu_load(machine, &guest, &error) < 0)
        fail_msg("%s", error.text);
}

void guest_type(rvemu *machine, const char *text)
{
    const struct rvemu_input input[] = {
        {.kind = RVEMU_INPUT_FILE},
        {.kind = RVEMU_INPUT_BYTES,
         .bytes = (const uint8_t *)text,
         .count = strlen(text)},
        {.kind = RVEMU_INPUT_END},
    };

    for (unsigned i = 0; i < 3 && *text; i++)
        rvemu_input(machine, &input[i]);
}
