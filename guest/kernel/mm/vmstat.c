/*
 * The counts that every file of the memory system adds to.
 */
#include "mm/mm.h"

struct vmstat vmstat;
