/* The images that emu carries; see embed.h. */
#include "cli/embed.h"

/* From embed.S. */
extern const unsigned char embed_firmware[], embed_firmware_end[];
extern const unsigned char embed_kernel[], embed_kernel_end[];
extern const unsigned char embed_kernel_bugs[], embed_kernel_bugs_end[];
extern const unsigned char embed_initrd[], embed_initrd_end[];

static struct rvemu_image between(const unsigned char *start,
                                  const unsigned char *end)
{
    return (struct rvemu_image){.data = start, .size = (size_t)(end - start)};
}

struct embedded embedded_images(void)
{
    return (struct embedded){
        .firmware = between(embed_firmware, embed_firmware_end),
        .kernel = between(embed_kernel, embed_kernel_end),
        .kernel_bugs = between(embed_kernel_bugs, embed_kernel_bugs_end),
        .initrd = between(embed_initrd, embed_initrd_end),
    };
}
