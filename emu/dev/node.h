/*
 * Writing nodes of a device tree, front to back.
 *
 * What fails is remembered in the writer, and the rest then does nothing, so
 * that who writes looks at `status` once, at the end. Properties of a node
 * come before its nodes. Bindings: Devicetree specification 0.4; Linux,
 * Documentation/devicetree/bindings.
 */
#ifndef DEV_NODE_H
#define DEV_NODE_H

#include "base/types.h"
#include "bus/irq.h"

/* A tree being written, with libfdt's sequential functions. */
struct node_writer {
    void *fdt;
    int status; /* 0 or a negative libfdt error */
    unsigned harts;
    bool aclint;          /* of struct device_wiring */
    u32 interrupt_parent; /* phandle of the interrupt controller */
    u32 phandle;          /* of the device that is written; 0: none */
};

struct device_place;

void node_open(struct node_writer *w, const char *name);

/* Opens "name@address". */
void node_open_at(struct node_writer *w, const char *name, u64 address);

/* Opens "name@base" and says where the device is, its phandle if it has one,
 * and if it has a source at the interrupt controller, which. */
void node_open_device(struct node_writer *w, const char *name,
                      const struct device_place *place);

void node_close(struct node_writer *w);

/* Properties of the open node. */
void node_put_bytes(struct node_writer *w, const char *name, const void *bytes,
                    size_t size);
void node_put_flag(struct node_writer *w, const char *name);
void node_put_string(struct node_writer *w, const char *name,
                     const char *value);
void node_put_cells(struct node_writer *w, const char *name, const u32 cells[],
                    unsigned count);
void node_put_cell(struct node_writer *w, const char *name, u32 value);
void node_put_address_cells(struct node_writer *w, u32 address, u32 size);
void node_put_reg(struct node_writer *w, u64 base, u64 size);

/* "interrupts-extended": a wire into each hart, or two. */
void node_put_hart_wire(struct node_writer *w, enum irq_of_hart number);
void node_put_hart_wires(struct node_writer *w, enum irq_of_hart first,
                         enum irq_of_hart second);

/* Phandles are numbered as QEMU numbers them: two a hart, its own and its
 * interrupt controller's, from the last hart down; then the devices'. */
u32 node_cpu_phandle(const struct node_writer *w, unsigned hart);
u32 node_intc_phandle(const struct node_writer *w, unsigned hart);
u32 node_first_phandle(const struct node_writer *w); /* of the devices' */

#endif
