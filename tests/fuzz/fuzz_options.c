/*
 * Command lines: words of emu's and of QEMU's in any order, and any bytes. What
 * must hold:
 *
 * - it is taken, or refused with one line that people can read
 * - what is taken lies within the limits that the rest of emu goes by
 * - reading changes neither its words nor, the second time, what comes of it
 */
#include <stdlib.h>
#include <string.h>

#include "cli/bootargs.h"
#include "cli/frames.h"
#include "cli/options_priv.h"
#include "input.h"

#define TEXT_MAX 0x8000
#define WORDS_MAX 64
#define MIB (UINT64_C(1) << 20)

/* What bytes of the input stand for, that are no text; an index follows. */
enum { OPTION = 0xff, WORD = 0xfe, LONG = 0xfd };

static const char *const dictionary[] = {
    ",",
    "=",
    "on",
    "off",
    "none",
    "help",
    "auto",
    "virt",
    "file=",
    "addr=",
    "data=",
    "data-len=",
    "cpu-num=",
    "force-raw=on",
    "data-be=on",
    "loader,",
    "virtio-blk-device,",
    "virtio-rng-device",
    "virtio-serial-device",
    "virtconsole,",
    "drive=a",
    "bus=virtio-mmio-bus.",
    "serial=",
    "chardev=a",
    "id=a",
    "id=",
    "if=none",
    "if=virtio",
    "format=raw",
    "readonly=on",
    "snapshot=on",
    "discard=unmap",
    "cache=none",
    "cache=unsafe",
    "media=disk",
    "werror=report",
    "aio=",
    "index=",
    "stdio",
    "file",
    "path=",
    "pty",
    "null",
    "mux=on",
    "append=on",
    "signal=off",
    "mon:stdio",
    "file:",
    "chardev:a",
    "backend=",
    "mode=readline",
    "space=",
    "full",
    "json",
    "short",
    "rv64",
    "rv64i",
    "rva22s64",
    "zba=off",
    "svade=on",
    "sv48=off",
    "size=",
    "cpus=",
    "cores=",
    "sockets=",
    "threads=",
    "maxcpus=",
    "dies=",
    "shift=",
    "sleep=off",
    "align=off",
    "base=",
    "utc",
    "localtime",
    "2026-11-29",
    "T15:20:00",
    "clock=vm",
    "driftfix=none",
    "alloc=0x80200000",
    "free=0x80200010",
    "drop=",
    "via=",
    ":a1",
    "xv6",
    "int,mmu",
    "all",
    "trap",
    "retire",
    "commit",
    "guest_errors",
    "dumpdtb=",
    "aclint=on",
    "accel=tcg",
    "tcg",
    "kvm",
    "virtio-mmio.force-legacy=",
    "cache-invalid",
    "sets=",
    "walk-cache=",
    "replace=lru",
    "machine",
    "kernel",
    "user",
    "default",
    "always",
    "never",
    "en",
    "zh",
    "interp",
    "@",
    "0x",
    "1G",
    "0.5",
    "1e-12",
    "-0x80001fff",
    "18446744073709551615",
    "a",
    "x",
};

/* What goes together: inputs to begin with, where a space begins a word. */
static const char *const samples[] = {
    " -machine virt -bios none -kernel k -m 128M -smp 3 -nographic",
    " -global virtio-mmio.force-legacy=false",
    " -drive file=fs.img,if=none,format=raw,id=x0,readonly=on",
    " -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0,serial=s",
    " -drive file=a,,b,if=virtio,cache=none,discard=unmap,snapshot=on",
    " -drive file=c,media=disk,werror=report,aio=io_uring,index=1",
    " -device virtio-rng-device,bus=virtio-mmio-bus.7",
    " -chardev stdio,id=c,mux=on -serial chardev:c -mon chardev=c",
    " -chardev file,id=f,path=out,append=on,signal=off -serial chardev:f",
    " -device virtio-serial-device -device virtconsole,chardev=c,name=n",
    " -device loader,file=k.elf,cpu-num=1,force-raw=on",
    " -device loader,addr=0x80000000,data=0x13,data-len=4,data-be=on",
    " -device loader,addr=0x80200000,cpu-num=0",
    " -rtc base=2026-11-29T15:20:00,clock=vm,driftfix=none",
    " -icount shift=3,align=off,sleep=on -accel tcg,thread=multi",
    " -smp 4,sockets=2,cores=2,threads=1,maxcpus=4",
    " -cpu rv64,zba=off,svade=on,sv48=off -M virt,aclint=on,dumpdtb=d",
    " --explain=full,json,space=3,space=sh,addr=0x1000-0x1fff --lang zh",
    " --frames alloc=0x10:a0,free=0x20:a1,via=0x30,size=8192",
    " -d int,mmu,in_asm -D log --log-commits=l --trace-hash=all",
    " --symbols a@80000000 --tlb cache-invalid --quantum 64 --as kernel k",
    " --tlb sets=1,ways=32,replace=none,asid-bits=9,walk-cache=8,stats",
    " -serial mon:stdio -monitor none -display none -net none k a b",
    " --timeout 0.5 --max-insns 10 --stop-on a --fail-on b --color=never",
    " -append a -initrd i -dtb t --signature s --signature-granularity 8",
};

/* A command line under construction: its text, and where its words begin. */
struct line {
    char text[TEXT_MAX];
    size_t used;
    int argc;
    char *argv[WORDS_MAX + 1];
};

static void add(struct line *l, const char *text, size_t length)
{
    if (length > TEXT_MAX - 1 - l->used)
        length = TEXT_MAX - 1 - l->used;
    memcpy(l->text + l->used, text, length);
    l->used += length;
    l->text[l->used] = '\0';
}

static void begin_word(struct line *l)
{
    if (l->argc == WORDS_MAX || l->used == TEXT_MAX - 1)
        return;
    l->argv[l->argc++] = &l->text[++l->used];
    l->text[l->used] = '\0';
}

static void add_option(struct line *l, size_t number)
{
    size_t rows = 0;
    const char *name;

    while (options_rows[rows].name)
        rows++;
    name = options_rows[number % rows].name;
    begin_word(l);
    add(l, "-", 1);
    add(l, name, strlen(name));
}

static void make_line(struct line *l, struct input *in)
{
    static const char as[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    *l = (struct line){.argc = 1};
    l->argv[0] = l->text;
    while (in->at < in->end) {
        u8 byte = (u8)take(in, 1);
        char text = (char)byte;
        const char *word;

        switch (byte) {
        case 0: begin_word(l); break;
        case OPTION: add_option(l, take(in, 1)); break;
        case WORD:
            word = dictionary[take(in, 1) %
                              (sizeof(dictionary) / sizeof(dictionary[0]))];
            add(l, word, strlen(word));
            break;
        case LONG:
            for (u64 n = take(in, 1); n; n--)
                add(l, as, sizeof(as) - 1);
            break;
        default: add(l, &text, 1); break;
        }
    }
}

static void check_machine(const struct options *o)
{
    const struct rvemu_config *m = &o->machine;
    struct rvemu_error error;

    expect(m->harts >= 1 && m->harts <= RVEMU_HARTS_MAX);
    expect(m->ram_bytes >= MIB && m->ram_bytes <= MIB << 20 &&
           m->ram_bytes % MIB == 0);
    expect(!m->quantum || (m->quantum >= RVEMU_QUANTUM_MIN &&
                           m->quantum <= RVEMU_QUANTUM_MAX));
    expect(m->step_shift <= RVEMU_STEP_SHIFT_MAX);
    expect(!o->cpu || rvemu_cpu_check(o->cpu, &error) == 0);
    expect(o->signature_line && o->signature_line <= 16 &&
           !(o->signature_line & (o->signature_line - 1)));
}

/* Each disk has a drive, and no two the same. */
static void check_slots(const struct options *o)
{
    unsigned taken = 0;

    expect(o->drives_count <= OPTIONS_DRIVES_MAX &&
           o->plugs_count <= RVEMU_VIRTIO_SLOTS);
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++) {
        unsigned drive = o->slot_drive[i];

        if (o->machine.virtio.slot[i].kind != RVEMU_VIRTIO_BLK)
            continue;
        expect(drive < o->drives_count && !(taken >> drive & 1));
        taken |= 1u << drive;
    }
    for (unsigned i = 0; i < o->drives_count; i++) {
        expect(o->drive[i].file.value_length < OPTIONS_PATH_MAX);
        expect(!o->drive[i].is_device || taken >> i & 1);
    }
}

static void check_loads(const struct options *o)
{
    expect(o->loads_count <= OPTIONS_LOADS_MAX);
    for (unsigned i = 0; i < o->loads_count; i++) {
        const struct options_load *load = &o->load[i];

        expect(memchr(load->path, 0, sizeof(load->path)) != NULL);
        expect(load->extra.image.size <= sizeof(load->data));
        expect(load->extra.hart < RVEMU_HARTS_MAX);
        expect(load->path[0] || load->extra.is_patch || load->extra.has_hart);
        expect(!load->path[0] || !load->extra.is_patch);
    }
}

/* Whether there is a word for the option, behind which nothing is the guest's:
 * it is the first, and so no other's value. */
static bool is_first(const struct line *l, const char *name)
{
    const char *word = l->argc > 1 ? l->argv[1] : "";

    word += *word == '-';
    word += *word == '-' && word > l->argv[1];
    return l->argc > 1 && l->argv[1][0] == '-' &&
           strcspn(word, "=") == strlen(name) &&
           !strncmp(word, name, strlen(name));
}

static void check_taken(const struct options *o, const struct line *l)
{
    check_machine(o);
    check_slots(o);
    check_loads(o);
    expect(o->serial.kind != OPTIONS_CHARDEV);
    expect(o->chardevs_count <= OPTIONS_CHARDEVS_MAX);
    expect(o->symbols_count <= OPTIONS_SYMBOLS_MAX);
    for (unsigned i = 0; i < o->symbols_count; i++)
        expect(o->symbols[i].length > 0 &&
               (size_t)o->symbols[i].length <= strlen(o->symbols[i].text));
    expect(o->guest_argc >= 0 && o->guest_argc < l->argc);
    expect(!o->guest_argc ||
           o->guest_argv + o->guest_argc == l->argv + l->argc);
    expect(!is_first(l, "timeout") || o->timeout_ns);
    expect(!is_first(l, "max-insns") || o->max_insns);
    expect(!is_first(l, "test-move") || o->machine.test_move);
    expect(!is_first(l, "m") || o->machine.ram_bytes);
}

/* The values that are read when the machine has been made. */
static void read_later(const struct options *o)
{
    struct rvemu_symbols *none = rvemu_symbols_new();
    struct frames_watch watch;
    struct rvemu_error error;
    rvemu_event_set kinds;
    const char *bad;
    char *bootargs = NULL;

    expect(none != NULL);
    if (o->log[0])
        rvemu_event_kinds(o->log, &kinds, &bad);
    if (o->trace_hash)
        rvemu_event_kinds(o->trace_hash, &kinds, &bad);
    if (o->frames && frames_open(&watch, o->frames, none, &error) < 0)
        expect_line(&error);
    if (bootargs_make(&bootargs, o, o->guest_argc, &error) < 0)
        expect_line(&error);
    free(bootargs);
    rvemu_symbols_free(none);
}

/* Puts the samples into the folder of inputs, the last argument, if there is
 * one. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = (*argv)[*argc - 1];

    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        char path[4096];
        FILE *file;

        snprintf(path, sizeof(path), "%s/sample-%zu", folder, i);
        file = *argc > 1 && *folder != '-' ? fopen(path, "w") : NULL;
        if (!file)
            break;
        for (const char *at = samples[i]; *at; at++)
            fputc(*at == ' ' ? 0 : *at, file);
        fclose(file);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static struct options options, again;
    static struct line line, same;
    struct input in[2] = {{data, data + size}, {data, data + size}};
    struct rvemu_error error[2] = {{""}, {""}};
    int failed;

    make_line(&line, &in[0]);
    make_line(&same, &in[1]);
    failed = options_parse(&options, line.argc, line.argv, &error[0]);
    expect(!memcmp(line.text, same.text, sizeof(line.text)));
    expect(options_parse(&again, line.argc, line.argv, &error[1]) == failed);
    expect(!strcmp(error[0].text, error[1].text));
    expect(failed ||
           (options.action == again.action && options.guest == again.guest &&
            options.machine.harts == again.machine.harts));
    if (failed) {
        expect_line(&error[0]);
    } else if (options.action == OPTIONS_RUN) {
        check_taken(&options, &line);
        read_later(&options);
    }
    return 0;
}
