/*
 * How a program chooses what fork does with its memory.
 *
 * The boot option fork= sets the mode of the first process; a child inherits
 * it. prctl changes it for the caller: prctl(PR_SET_FORK_MODE, FORK_COW)
 * returns 0, prctl(PR_GET_FORK_MODE) the present mode. Other kernels answer
 * EINVAL.
 */
#ifndef UAPI_FORK_H
#define UAPI_FORK_H

#define PR_SET_FORK_MODE 0x666f726b /* "fork" */
#define PR_GET_FORK_MODE 0x666f726c

#define FORK_EAGER 0 /* copies every private page at once */
#define FORK_COW 1   /* shares pages until the first store */

#endif
