/*
 * What a boot may ask for: /chosen/bootargs, and in a file of the initrd the
 * arguments of the first program. emu knows the limits of both.
 */
#ifndef UAPI_BOOT_H
#define UAPI_BOOT_H

#define BOOT_CMDLINE_MAX 16384 /* bytes, the NUL at its end among them */
#define BOOT_ARGV_MAX 2000000  /* bytes, the NUL of each string among them */

#endif
