/* Which spaces events belong to; see roots.h. */
#include "trace/file/roots.h"

#include "base/bits.h"

static void find_fields(struct roots *roots, unsigned kind)
{
    const struct rvemu_event_info *info = rvemu_event_info(kind);

    roots->field[kind].root = roots->field[kind].satp = -1;
    roots->field[kind].old_satp = -1;
    for (unsigned i = 0; info && i < info->fields; i++) {
        const struct rvemu_field_info *field = &info->field[i];

        if (field->unit == RVEMU_UNIT_PPN && !strcmp(field->name, "root"))
            roots->field[kind].root = (signed char)i;
        if (field->unit != RVEMU_UNIT_SATP)
            continue;
        if (!strcmp(field->name, "old"))
            roots->field[kind].old_satp = (signed char)i;
        else
            roots->field[kind].satp = (signed char)i;
    }
    roots->field[kind].is_any = roots->field[kind].root >= 0 ||
                                roots->field[kind].satp >= 0 ||
                                roots->field[kind].old_satp >= 0;
}

void roots_init(struct roots *roots)
{
    memset(roots, 0, sizeof(*roots));
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
        find_fields(roots, kind);
}

static void add(u64 set[CHUNK_ROOTS], u64 root)
{
    u64 drawn = stir(root);

    set[drawn & 3] |= UINT64_C(1) << bits(drawn, 7, 2);
    set[bits(drawn, 9, 8)] |= UINT64_C(1) << bits(drawn, 15, 10);
}

bool roots_may_have(const u64 set[CHUNK_ROOTS], u64 root)
{
    u64 drawn = stir(root);

    return bit(set[drawn & 3], (unsigned)bits(drawn, 7, 2)) &&
           bit(set[bits(drawn, 9, 8)], (unsigned)bits(drawn, 15, 10));
}

/* The field of an event, 0 when it has none such. */
static u64 word(const struct rvemu_event *event, signed char field)
{
    return field < 0 ? 0 : event->word[field];
}

void roots_add_new(struct roots *roots, const struct rvemu_event *event,
                   u64 set[CHUNK_ROOTS])
{
    unsigned hart = event->hart;
    u64 root = word(event, roots->field[event->kind].root);
    u64 old = rvemu_satp_root(word(event, roots->field[event->kind].old_satp));

    if (roots->field[event->kind].satp >= 0)
        roots->in_force[hart] =
            rvemu_satp_root(word(event, roots->field[event->kind].satp));
    if (root)
        add(set, root);
    if (old)
        add(set, old);
    if (roots->in_force[hart] != roots->added[hart]) {
        roots->added[hart] = roots->in_force[hart];
        add(set, roots->in_force[hart]);
    }
}

void roots_boot(struct roots *roots)
{
    memset(roots->in_force, 0, sizeof(roots->in_force));
}

void roots_begin(struct roots *roots, u64 set[CHUNK_ROOTS])
{
    memset(set, 0, CHUNK_ROOTS * sizeof(*set));
    memset(roots->added, 0, sizeof(roots->added));
}

u64 roots_learn(struct roots *roots, const struct rvemu_event *event,
                bool *names)
{
    signed char root = roots->field[event->kind].root;
    signed char satp = roots->field[event->kind].satp;

    if (satp >= 0)
        roots->in_force[event->hart] = rvemu_satp_root(word(event, satp));
    *names = root >= 0 || satp >= 0;
    return root >= 0 ? word(event, root) : roots->in_force[event->hart];
}

bool roots_match(const struct roots *roots, const struct rvemu_event *event,
                 u64 root)
{
    unsigned kind = event->kind;

    return root &&
           (roots->in_force[event->hart] == root ||
            word(event, roots->field[kind].root) == root ||
            rvemu_satp_root(word(event, roots->field[kind].old_satp)) == root);
}

void roots_put(const struct roots *roots, struct bytes *to)
{
    unsigned harts = 0;

    for (unsigned hart = 0; hart < ROOTS_HARTS; hart++)
        harts += roots->in_force[hart] != 0;
    bytes_put_number(to, harts);
    for (unsigned hart = 0; hart < ROOTS_HARTS; hart++) {
        if (!roots->in_force[hart])
            continue;
        bytes_put_number(to, hart);
        bytes_put_number(to, roots->in_force[hart]);
    }
}

bool roots_take(struct roots *roots, struct cursor *from)
{
    u64 harts = cursor_number(from);

    memset(roots->in_force, 0, sizeof(roots->in_force));
    if (harts > ROOTS_HARTS)
        return false;
    for (u64 i = 0; i < harts; i++) {
        u64 hart = cursor_number(from);
        u64 root = cursor_number(from);

        if (hart >= ROOTS_HARTS)
            return false;
        roots->in_force[hart] = root;
    }
    return !from->failed;
}
