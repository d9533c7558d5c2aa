/*
 * What a boot may ask for: /chosen/bootargs, which emu knows the limit of.
 */
#ifndef UAPI_BOOT_H
#define UAPI_BOOT_H

#define BOOT_CMDLINE_MAX 16384 /* bytes, the NUL at its end among them */

#endif
