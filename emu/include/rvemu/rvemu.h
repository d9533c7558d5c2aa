/*
 * librvemu: a RISC-V machine as a library.
 *
 * Create a machine, load a guest into it, run it, look at it. Any number of
 * machines may live in one process; each is used by one thread at a time.
 * Nothing here writes to the terminal, exits or keeps global state.
 *
 * Functions that can fail return 0, or a negative number after filling the
 * struct rvemu_error they are given. A guest's mistakes are never errors of
 * the library: they are traps, or a stop with its reason.
 *
 * This header gathers the others.
 */
#ifndef RVEMU_RVEMU_H
#define RVEMU_RVEMU_H

#include <rvemu/binary.h>
#include <rvemu/commits.h>
#include <rvemu/cpu.h>
#include <rvemu/debug.h>
#include <rvemu/disasm.h>
#include <rvemu/disk.h>
#include <rvemu/emt.h>
#include <rvemu/emt_machine.h>
#include <rvemu/error.h>
#include <rvemu/explain.h>
#include <rvemu/frames.h>
#include <rvemu/history.h>
#include <rvemu/image.h>
#include <rvemu/list.h>
#include <rvemu/machine.h>
#include <rvemu/names.h>
#include <rvemu/programs.h>
#include <rvemu/record.h>
#include <rvemu/scene.h>
#include <rvemu/snapshot.h>
#include <rvemu/symbols.h>
#include <rvemu/tlb.h>
#include <rvemu/trace.h>
#include <rvemu/virtio.h>

#define RVEMU_VERSION "0.1"

#endif
