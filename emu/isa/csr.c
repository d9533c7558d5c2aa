/* Names of the CSRs; see csr.h. */
#include "isa/csr.h"

#include <stddef.h>

#define NAMED(number, text) \
    case number: return text;

const char *csr_name(unsigned number)
{
    switch (number) {
#define CSR(number, name) NAMED(number, #name)
#include "isa/csr.def"
    default: return NULL;
    }
}
