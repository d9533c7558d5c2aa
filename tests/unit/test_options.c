/*
 * Unit tests of options.c: spellings, where parsing stops, and the one line
 * that each wrong command line gets.
 */
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINE_MAX_BYTES (OPTIONS_PATH_MAX + 64)
#define WORDS_MAX 32

/* Splits line at spaces and parses it; the words live until the next call. */
static int parse(struct options *options, const char *line,
                 struct rvemu_error *error)
{
    static char copy[LINE_MAX_BYTES];
    static char *argv[WORDS_MAX];
    int argc = 0;

    strcpy(copy, line);
    argv[argc++] = "emu";
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    return options_parse(options, argc, argv, error);
}

static struct options good(const char *line)
{
    struct options options;
    struct rvemu_error error = {""};

    if (parse(&options, line, &error) < 0)
        fail_msg("'%s' was refused: %s", line, error.text);
    return options;
}

static void bad(const char *line, const char *why)
{
    struct options options;
    struct rvemu_error error = {""};

    if (parse(&options, line, &error) == 0)
        fail_msg("'%s' was accepted", line);
    if (!strstr(error.text, why))
        fail_msg("'%s': said '%s', wanted '%s'", line, error.text, why);
    assert_null(strchr(error.text, '\n'));
}

static void defaults(void **state)
{
    struct options o = good("");

    assert_int_equal(o.action, OPTIONS_RUN);
    assert_null(o.guest);
    assert_int_equal(o.machine.ram_bytes, 128 << 20);
    assert_int_equal(o.serial.kind, OPTIONS_MON_STDIO);
    assert_false(o.bios_none);
    assert_null(o.bios);
    assert_int_equal(o.max_insns, 0);
}

static void help_is_asked_for(void **state)
{
    assert_int_equal(good("-help --bogus").action, OPTIONS_HELP);
    assert_int_equal(good("-h").action, OPTIONS_HELP);
    assert_int_equal(good("--version").action, OPTIONS_VERSION);
}

static void one_dash_or_two_or_equals(void **state)
{
    assert_string_equal(good("-append a").append, "a");
    assert_string_equal(good("--append a").append, "a");
    assert_string_equal(good("--append=a=b").append, "a=b");
    assert_int_equal(good("-max-insns 7").max_insns, 7);
    assert_int_equal(good("--max-insns=0x10").max_insns, 16);
}

static void parsing_stops_at_the_guest(void **state)
{
    struct options o = good("--svade t_fork -m 0 --bogus");

    assert_true(o.svade);
    assert_string_equal(o.guest, "t_fork");
    assert_int_equal(o.guest_argc, 3);
    assert_string_equal(o.guest_argv[0], "-m");
    assert_string_equal(o.guest_argv[2], "--bogus");
    o = good("-- -odd");
    assert_string_equal(o.guest, "-odd");
    assert_string_equal(good("-kernel k").guest, "k");
}

static void a_qemu_command_line_is_understood(void **state)
{
    struct options o = good("-machine virt -cpu rv64 -bios none -kernel k "
                            "-m 256M -smp 1 -nographic -no-reboot");

    assert_true(o.bios_none);
    assert_string_equal(o.guest, "k");
    assert_int_equal(o.machine.ram_bytes, 256 << 20);
    assert_true(o.no_reboot);
}

/* QEMU's spelling is an item among others. */
static void the_device_tree_may_be_wanted(void **state)
{
    assert_string_equal(good("-M virt").dump_dtb, "");
    assert_string_equal(good("--dump-dtb a,,b").dump_dtb, "a,,b");
    assert_string_equal(good("-M virt,dumpdtb=a").dump_dtb, "a");
    assert_string_equal(good("-M dumpdtb=a=b,type=virt").dump_dtb, "a=b");
    assert_string_equal(good("-M virt,dumpdtb=a,,b,dumpdtb=c,,").dump_dtb,
                        "c,");
    bad("-M virt,dumpdtb=a,b", "-M virt,dumpdtb=a,b: the machine is always");
    bad("-M virt,dumpdtb=a,aia=aplic", "say aia=none");
    bad("-M virt=on", "the machine is always virt");
    bad("-M dumpdtb=a,virt", "the machine is always virt");
    bad("-M virt,dumpdtb", "dumpdtb is no name of a file");
    bad("-M virt,dumpdtb=", "dumpdtb is no name of a file");
    bad("--dump-dtb=", "--dump-dtb '': no name of a file");
}

static void no_path_is_longer_than_there_can_be(void **state)
{
    static const char *const options[] = {"--dump-dtb=", "-M virt,dumpdtb="};
    char path[OPTIONS_PATH_MAX + 1] = "", line[LINE_MAX_BYTES];

    memset(path, 'a', OPTIONS_PATH_MAX);
    for (size_t i = 0; i < 2; i++) {
        snprintf(line, sizeof(line), "%s%s", options[i], path + 1);
        assert_string_equal(good(line).dump_dtb, path + 1);
        snprintf(line, sizeof(line), "%s%s", options[i], path);
        bad(line, "aaaa");
    }
}

static void memory_sizes(void **state)
{
    assert_int_equal(good("-m 1").machine.ram_bytes, 1 << 20);
    assert_int_equal(good("-m 2G").machine.ram_bytes, 2ull << 30);
    assert_int_equal(good("-m 1g").machine.ram_bytes, 1ull << 30);
    assert_int_equal(good("-m 3000K").machine.ram_bytes, 3 << 20);
    assert_int_equal(good("-m size=64M").machine.ram_bytes, 64 << 20);
    assert_int_equal(good("-m 0100").machine.ram_bytes, 100 << 20);
    assert_int_equal(good("-m 0x80").machine.ram_bytes, 128 << 20);
    assert_int_equal(good("-m 0x80M").machine.ram_bytes, 128 << 20);
    assert_int_equal(good("-m 1.5G").machine.ram_bytes, 1536 << 20);
    assert_int_equal(good("-m 1.G").machine.ram_bytes, 1024 << 20);
    assert_int_equal(good("-m 1.25M").machine.ram_bytes, 2 << 20);
    assert_int_equal(good("-m 134217728B").machine.ram_bytes, 128 << 20);
    bad("-m 1.5", "not a size");
    bad("-m 1.5B", "not a size");
    bad("-m 1.5e1M", "not a size");
    bad("-m .5G", "not a size");
    bad("-m 0x1.8G", "not a size");
    bad("-m 0x", "not a size");
    bad("-m 1E3", "not a size");
    bad("-m 0", "-m 0: RAM can be");
    bad("-m 1E", "-m 1E: RAM can be");
    bad("-m 16E", "RAM can be");
    bad("-m 18446744073709551615", "RAM can be");
    bad("-m 99999999999999999999999", "not a size");
    bad("-m 1K", "RAM can be");
    bad("-m -5", "not a size");
    bad("-m 5Q", "not a size");
    bad("-m 5MM", "not a size");
    bad("-m", "-m needs a value");
}

/* QEMU's ways to say so. */
static void harts(void **state)
{
    assert_int_equal(good("-m 1").machine.harts, 1);
    assert_int_equal(good("-smp 4").machine.harts, 4);
    assert_int_equal(good("-smp cpus=8").machine.harts, 8);
    assert_int_equal(good("-smp 010").machine.harts, 8);
    assert_int_equal(good("-smp 0x4").machine.harts, 4);
    assert_int_equal(good("-smp 2,sockets=02").machine.harts, 2);
    bad("-smp 08", "-smp 08");
    assert_int_equal(good("-smp 2,sockets=1,cores=2,threads=1").machine.harts,
                     2);
    assert_int_equal(good("-smp cores=3").machine.harts, 3);
    assert_int_equal(good("-smp maxcpus=2,cpus=2").machine.harts, 2);
    bad("-smp 0", "-smp 0");
    bad("-smp=", "-smp '': say 4");
    assert_int_equal(good("-smp sockets=2,cores=2").machine.harts, 4);
    assert_int_equal(good("-smp 4,sockets=4").machine.harts, 4);
    assert_int_equal(good("-smp 2,maxcpus=4").machine.harts, 2);
    bad("-m=", "-m '': not a size");
    bad("-smp 9", "-smp 9: there can be 1 to 8");
    bad("-smp 99999999999999999999", "say 4");
    bad("-smp 99999", "1 to 8");
    bad("-smp four", "-smp four");
    bad("-smp 4x", "-smp 4x");
    bad("-smp -1", "-smp -1");
    bad("-smp cpus=", "-smp cpus=");
    bad("-smp 2,books=1", "books");
    bad("-smp 4,sockets=3", "do not make that many harts");
    bad("-smp 4,maxcpus=2", "do not make that many harts");
    bad("-smp 2,dies=2", "no dies");
    assert_int_equal(good("-smp 4,cores=2,threads=2").machine.harts, 4);
    assert_int_equal(good("-smp 4,cores=2").machine.harts, 4);
}

static void choices(void **state)
{
    assert_int_equal(good("--as user x").as, RVEMU_AS_USER);
    assert_true(good("--explain").explain);
    assert_false(good("--explain=short").explained.full);
    assert_false(good("--svade").machine.hart.strict_pma);
    assert_true(good("--strict-pma").machine.hart.strict_pma);
    assert_true(good("--explain=full").explained.full);
    assert_true(good("--explain=full,json,space=3").explained.json);
    assert_false(good("--lang zh").explain);
    assert_int_equal(good("--lang zh").explained.lang, RVEMU_LANG_ZH);
    assert_int_equal(good("--lang=en").explained.lang, RVEMU_LANG_EN);
    assert_string_equal(good("--explain full").guest, "full");
    assert_int_equal(good("-serial file:x").serial.kind, OPTIONS_FILE);
    assert_string_equal(good("-serial file:x").serial.path, "x");
    assert_int_equal(good("--timeout 0.5").timeout_ns, 500000000);
    assert_string_equal(good("-bios fw.elf").bios, "fw.elf");
    assert_null(good("-bios fw.elf -bios default").bios);
    assert_int_equal(good("-m 1").color, OPTIONS_COLOR_AUTO);
    assert_int_equal(good("--color").color, OPTIONS_COLOR_ON);
    assert_int_equal(good("--color=always").color, OPTIONS_COLOR_ON);
    assert_int_equal(good("--color=never").color, OPTIONS_COLOR_OFF);
    assert_int_equal(good("--color --color=auto").color, OPTIONS_COLOR_AUTO);
    assert_string_equal(good("--frames xv6").frames, "xv6");
    assert_string_equal(good("--expect a").expect.rules, "a");
    assert_string_equal(good("--expect a,junit=b").expect.junit, "b");
    assert_string_equal(
        good("--expect a,junit=b,gradescope=c,,d").expect.gradescope, "c,d");
    bad("--color=pink", "--color pink");
    bad("--as root x", "--as root");
    bad("--as user", "--as needs a guest");
    bad("--explain=loud", "--explain loud");
    bad("--explain=short,addr=5-4", "addr=0x10000-0x1ffff");
    bad("--lang de", "--lang de: there are en, zh");
    bad("-serial tcp::1", "-serial tcp::1");
    bad("-serial file:", "-serial file:");
    assert_int_equal(good("--timeout 1e-12").timeout_ns, 1);
    bad("--timeout 0", "--timeout 0");
    bad("--timeout nan", "--timeout nan");
    bad("--max-insns -1", "--max-insns -1");
    bad("--max-insns 0", "--max-insns 0");
    bad("--seed x", "--seed x");
    bad("-M spike", "-M spike");
    bad("-cpu rv32", "-cpu rv32");
    assert_int_equal(good("--quantum 64").machine.quantum, 64);
    assert_int_equal(good("--quantum 1000000").machine.quantum, 1000000);
    bad("--quantum 63", "--quantum 63");
    bad("--quantum 1000001", "--quantum 1000001");
    bad("-display sdl", "-display sdl");
    bad("--engine jit", "--engine jit");
}

static void symbols_and_their_base(void **state)
{
    struct options o =
        good("--symbols a -symbols=b/c@80200000 --symbols d@e@0");

    assert_int_equal(o.symbols_count, 3);
    assert_memory_equal(o.symbols[0].text, "a", o.symbols[0].length);
    assert_false(o.symbols[0].has_base);
    assert_int_equal(o.symbols[0].base, 0);
    assert_int_equal(o.symbols[1].length, 3);
    assert_true(o.symbols[1].has_base);
    assert_int_equal(o.symbols[1].base, 0x80200000);
    assert_memory_equal(o.symbols[2].text, "d@e", o.symbols[2].length);
    assert_int_equal(o.symbols[2].length, 3);
    assert_int_equal(good("--symbols x@0xFfff").symbols[0].base, 0xffff);
    bad("--symbols", "--symbols needs a value");
    bad("--symbols=", "--symbols '': names no file");
    bad("--symbols @80000000", "names no file");
    bad("--symbols a@", "say FILE@HEX");
    bad("--symbols a@b/c", "say FILE@HEX");
    bad("--symbols a@-1", "say FILE@HEX");
    bad("--symbols a@10000000000000000", "say FILE@HEX");
}

static void symbols_have_an_end(void **state)
{
    char *argv[OPTIONS_SYMBOLS_MAX + 2] = {"emu"};
    struct rvemu_error error;
    struct options o;

    for (unsigned i = 0; i <= OPTIONS_SYMBOLS_MAX; i++)
        argv[i + 1] = "--symbols=a";
    assert_int_equal(options_parse(&o, OPTIONS_SYMBOLS_MAX + 1, argv, &error),
                     0);
    assert_int_equal(o.symbols_count, OPTIONS_SYMBOLS_MAX);
    assert_int_equal(options_parse(&o, OPTIONS_SYMBOLS_MAX + 2, argv, &error),
                     -1);
    assert_non_null(strstr(error.text, "name a folder"));
}

static void words_of_the_tlb(void **state)
{
    struct rvemu_tlb_config tlb;

    assert_false(good("-m 1").machine.hart.cache_invalid);
    assert_true(good("--tlb cache-invalid").machine.hart.cache_invalid);
    assert_true(
        good("-tlb=cache-invalid,cache-invalid").machine.hart.cache_invalid);
    bad("--tlb", "--tlb needs a value");
    bad("--tlb cache", "--tlb: there is no 'cache'; say sets=, ways=, ");
    bad("--tlb cache-invalid,", "--tlb: there is no ''; say sets=");
    bad("--tlb cache-invalid=1", "--tlb cache-invalid takes no value");
    tlb = good("--tlb cache-invalid,asid-bits=9").machine.hart.tlb;
    assert_int_equal(tlb.asid_bits_off, 7);
    assert_false(tlb.counts);
    tlb = good("--tlb sets=64,ways=2,replace=lru --tlb walk-cache=8,sets=1")
              .machine.hart.tlb;
    assert_int_equal(tlb.sets, 1);
    assert_int_equal(tlb.ways, 2);
    assert_int_equal(tlb.replace, RVEMU_TLB_LRU);
    assert_int_equal(tlb.walk_cache, 8);
    assert_int_equal(tlb.asid_bits_off, 0);
    assert_true(tlb.counts);
    assert_false(good("--tlb ways=2").tlb_stats);
    assert_true(good("--tlb stats").tlb_stats);
    assert_true(good("--tlb stats").machine.hart.tlb.counts);
}

static void numbers_of_the_tlb(void **state)
{
    static const struct {
        const char *name;
        int least, most;
    } words[] = {{"sets", 1, 1024},
                 {"ways", 1, 255},
                 {"asid-bits", 0, 16},
                 {"walk-cache", 0, 255}};
    char line[64], why[64];

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        snprintf(line, sizeof(line), "--tlb %s=%d", words[i].name,
                 words[i].most);
        good(line);
        snprintf(line, sizeof(line), "--tlb %s=%d", words[i].name,
                 words[i].least);
        good(line);
        snprintf(line, sizeof(line), "--tlb %s=%d", words[i].name,
                 words[i].most + 1);
        snprintf(why, sizeof(why), "--tlb %s=%d: say %d to %d", words[i].name,
                 words[i].most + 1, words[i].least, words[i].most);
        bad(line, why);
        snprintf(line, sizeof(line), "--tlb %s=4x", words[i].name);
        snprintf(why, sizeof(why), "--tlb %s=4x: say ", words[i].name);
        bad(line, why);
        snprintf(line, sizeof(line), "--tlb %s", words[i].name);
        snprintf(why, sizeof(why), "--tlb %s needs a value", words[i].name);
        bad(line, why);
    }
    bad("--tlb sets=0", "--tlb sets=0: say 1 to 1024");
    bad("--tlb ways=0", "--tlb ways=0: say 1 to 255");
    bad("--tlb sets=48", "--tlb sets=48: say a power of two from 1 to 1024");
    bad("--tlb replace=plru",
        "--tlb replace=plru: say fifo, lru, random or none");
    bad("--tlb replace=", "--tlb replace=: say fifo");
    bad("--tlb stats=1", "--tlb stats takes no value");
}

static int serial_of(const char *line)
{
    return good(line).serial.kind;
}

static void serial_lines(void **state)
{
    struct options o = good("-serial chardev:f -chardev file,id=f,path=a,,b,"
                            "append=on");

    assert_int_equal(o.serial.kind, OPTIONS_FILE);
    assert_string_equal(o.serial.path, "a,b");
    assert_true(o.serial.append);
    assert_int_equal(serial_of("-serial null"), OPTIONS_NULL);
    assert_int_equal(serial_of("-serial pty -serial none"), OPTIONS_PTY);
    assert_int_equal(serial_of("-monitor none"), OPTIONS_STDIO);
    assert_int_equal(serial_of("-monitor none -serial mon:stdio"),
                     OPTIONS_MON_STDIO);
    assert_int_equal(serial_of("-chardev stdio,id=c,signal=off "
                               "-serial chardev:c"),
                     OPTIONS_STDIO);
    assert_int_equal(serial_of("-chardev stdio,id=c,mux=on -serial chardev:c "
                               "-mon chardev=c,mode=readline"),
                     OPTIONS_MON_STDIO);
    assert_int_equal(good("-serial mon:stdio").monitor_at,
                     OPTIONS_MONITOR_SHARES);
    assert_int_equal(good("-monitor stdio").monitor_at, OPTIONS_MONITOR_SHARES);
    assert_int_equal(good("-monitor stdio -serial null").monitor_at,
                     OPTIONS_MONITOR_STDIO);
    assert_int_equal(good("-chardev stdio,id=m -mon m -serial pty").monitor_at,
                     OPTIONS_MONITOR_STDIO);
    assert_int_equal(good("-chardev stdio,id=c,mux=on -serial chardev:c "
                          "-mon chardev=c,mode=readline")
                         .monitor_at,
                     OPTIONS_MONITOR_SHARES);
    assert_int_equal(good("-serial mon:stdio -monitor none").monitor_at,
                     OPTIONS_MONITOR_NONE);
    assert_int_equal(good("-serial stdio").monitor_at, OPTIONS_MONITOR_NONE);
    bad("-serial stdio -monitor stdio", "say -serial mon:stdio for both");
    bad("-chardev pty,id=m -mon m", "a monitor can be at stdio");
    bad("-serial chardev:c", "no -chardev of this id");
    bad("-mon c", "no -chardev of this id");
    bad("-monitor chardev:c", "no -chardev of this id");
    bad("-monitor tcp::1", "there is no other yet");
    bad("-mon chardev=c,mode=control", "there is no other yet");
    bad("-serial stdio -serial mon:stdio", "one serial line");
    bad("-chardev stdio", "has no id=");
    bad("-chardev file,id=c", "has no path=");
    bad("-chardev null,id=c,path=x", "path is not supported yet");
    bad("-chardev null,id=c -chardev null,id=c", "of this id already");
    bad("-chardev socket,id=c", "say stdio, file, pty or null");
}

static uint64_t epoch_of(const char *line)
{
    return good(line).machine.epoch;
}

static void clocks(void **state)
{
    assert_int_equal(epoch_of(""), 0);
    assert_int_equal(epoch_of("-rtc base=2026-01-01"), RVEMU_EPOCH_DEFAULT);
    assert_int_equal(epoch_of("-rtc base=2000-02-29T12:00:01,clock=vm"),
                     951825601);
    assert_true(good("-rtc base=utc").host_clock);
    assert_false(good("-rtc base=utc -rtc base=2000-01-01").host_clock);
    bad("-rtc base=2001-02-29", "base is utc");
    bad("-rtc base=2001-02-28T24:00:00", "base is utc");
    bad("-rtc base=2001-02-28T12:00", "base is utc");
    bad("-rtc base=1969-01-01", "from 1971 on");
    bad("-rtc base=now", "base is utc");
    bad("-rtc clock=host", "machine time");
}

static void events_by_qemus_names(void **state)
{
    struct options o = good("-d int,guest_errors,satp,unimp");

    assert_string_equal(o.log, "trap,xret,satp");
    assert_string_equal(o.log_empty, "guest_errors,unimp");
    assert_int_equal(good("-d help").action, OPTIONS_EVENTS);
    assert_string_equal(good("-d mmu -d cpu").log, "");
    bad("-d=", "help lists it");
}

/* What changes nothing is taken; what would is refused, and by one line. */
static void what_qemu_has_besides(void **state)
{
    good("-nodefaults -no-shutdown -name x,process=y -nic none -net none "
         "-M virt,aclint=off,usb=off,graphics=on,accel=tcg -accel kvm "
         "-accel tcg,thread=multi -vga none -parallel none -k de -L . "
         "-no-user-config -singlestep -boot order=c");
    assert_true(good("-M virt,aclint=on").machine.aclint);
    bad("-M virt,aclint=maybe", "aclint is on or off");
    assert_int_equal(good("-machine ?").action, OPTIONS_MACHINES);
    bad("-accel kvm", "say tcg, or leave it out");
    bad("-M virt,accel=kvm", "say tcg, or leave it out");
    bad("-M virt,aia=aplic", "say aia=none");
    bad("-M virt,pflash0=x", "pflash0");
    bad("-nic user", "say -nic none");
    bad("-nodefaults=x", "takes no value");
    bad("-name", "-name needs a value");
    bad("-enable-kvm", "every host interprets RISC-V");
}

static void what_is_missing_is_refused_by_name(void **state)
{
    bad("-netdev user", "-netdev is not supported yet");
    bad("--plugin=x", "--plugin is not supported yet");
    bad("--tpmdev x", "--tpmdev is not supported yet");
    bad("--bogus", "--bogus: no such option");
    bad("-ker k", "-ker: no such option");
    bad("--svade=1", "--svade takes no value");
    bad("-nographic=1", "-nographic takes no value");
    bad("-kernel a b", "one guest");
}

static void drives_have_settings(void **state)
{
    struct options o = good("-drive file=a,,b=c,if=none,id=x,format=raw,"
                            "readonly=on,cache=writethrough,discard=unmap "
                            "-drive if=virtio,snapshot,index=3,aio=native,"
                            "cache=none,media=disk,werror=report,file=d");
    char path[8];

    assert_int_equal(o.drives_count, 2);
    rvemu_list_value(&o.drive[0].file, path, sizeof(path));
    assert_string_equal(path, "a,b=c");
    assert_string_equal(o.drive[0].id, "x");
    assert_true(o.drive[0].how.read_only && o.drive[0].how.discard);
    assert_int_equal(o.drive[0].how.cache, RVEMU_DISK_WRITETHROUGH);
    assert_false(o.drive[0].is_device || o.drive[0].how.snapshot);
    assert_true(o.drive[1].is_device && o.drive[1].how.snapshot);
    assert_int_equal(o.drive[1].how.cache, RVEMU_DISK_WRITEBACK);
    assert_false(o.snapshot);
    assert_true(good("-snapshot -drive file=d").snapshot);
    assert_int_equal(good("-drive file=d,cache=unsafe").drive[0].how.cache,
                     RVEMU_DISK_UNSAFE);
}

static void snapshots_and_recordings_are_read(void **state)
{
    struct options o = good("--snapshot=x,at=0x10,compress=none --record r");

    assert_false(o.snapshot);
    assert_string_equal(o.save.path, "x");
    assert_true(o.save.has_at && o.save.at == 16 && o.save.is_plain);
    assert_string_equal(o.record, "r");
    o = good("--snapshot=y --restore a --replay b -snapshot");
    assert_true(o.snapshot && !o.save.has_at && !o.save.is_plain);
    assert_true(!strcmp(o.restore, "a") && !strcmp(o.replay, "b"));
    bad("--snapshot=x,at=soon", "say FILE");
    bad("--snapshot=x,compress=xz", "say FILE");
    o = good("--trace t,replay=on,replay-bytes=64M");
    assert_true(o.trace.replay && o.trace.replay_bytes == 64 << 20);
    bad("--trace t,replay=perhaps", "replay=on");
    bad("--on-fail t,replay=on", "keep=SIZE");
    bad("--tlb worst --snapshot=x", "--tlb worst and --snapshot do not");
    bad("--trace t,replay=on --tlb worst", "and --trace replay=on do not");
}

static void drives_are_refused_by_what_they_say(void **state)
{
    bad("-drive id=x", "file=PATH is missing");
    bad("-drive file=", "no name of a file");
    bad("-drive file=x,format=qcow2", "format=qcow2: there is raw");
    bad("-drive file=x,if=pflash", "if=pflash: is not supported yet");
    bad("-drive file=x,readonly=perhaps", "readonly=perhaps: say on or off");
    bad("-drive file=x,snapshot=maybe", "snapshot=maybe: say on or off");
    bad("-drive file=x,cache=best", "cache=best: say writeback");
    bad("-drive file=x,discard=never", "discard=never: say unmap");
    bad("-drive file=x,media=cdrom", "media=cdrom: is not supported");
    bad("-drive file=x,werror=stop", "werror=stop: is not supported");
    bad("-drive file=x,index", "index: has no value");
    bad("-drive file=x,colour=red", "colour=red: there is no such setting");
    bad("-drive file=x,id=a -drive file=y,id=a", "two with id=a");
    bad("-drive x", "x: there is no such setting");
}

/* The slots of the disks of some command line, as letters by their order among
 * the drives; a dot is an empty slot. */
static const char *slots_of(const char *line)
{
    static char slots[RVEMU_VIRTIO_SLOTS + 1];
    struct options o = good(line);

    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++)
        slots[i] = o.machine.virtio.slot[i].kind == RVEMU_VIRTIO_BLK
                       ? (char)('a' + o.slot_drive[i])
                       : '.';
    return slots;
}

static void slots_fill_as_on_qemu(void **state)
{
    assert_string_equal(slots_of(""), "........");
    assert_string_equal(slots_of("-drive file=a"), ".......a");
    assert_int_equal(good("-device virtio-serial-device -device virtconsole,"
                          "chardev=c -chardev stdio,id=c,mux=on -serial none")
                         .serial.kind,
                     OPTIONS_MON_STDIO);
    bad("-device virtconsole,chardev=c", "needs a -device virtio-serial-");
    bad("-device virtio-serial-device", "a -device virtconsole is missing");
    bad("-device virtio-serial-device -device virtconsole",
        "chardev=ID is missing");
    bad("-device virtio-serial-device -device virtconsole,chardev=c",
        "no -chardev of this id");
    bad("-device virtio-serial-device -device virtconsole,chardev=c -serial "
        "stdio -chardev null,id=c",
        "say -serial none");
    assert_string_equal(slots_of("-drive file=a -device virtio-rng-device"),
                        "......a.");
    assert_int_equal(good("-device virtio-rng-device,bus=virtio-mmio-bus.3,"
                          "id=r")
                         .machine.virtio.slot[3]
                         .kind,
                     RVEMU_VIRTIO_RNG);
    assert_string_equal(slots_of("-drive file=a -drive file=b,if=none,id=b "
                                 "-device virtio-blk-device,drive=b"),
                        "......ab");
    assert_string_equal(slots_of("-drive file=a,if=none,id=a "
                                 "-drive file=b,if=none,id=b "
                                 "-device virtio-blk-device,drive=b "
                                 "-device virtio-blk-device,drive=a,"
                                 "bus=virtio-mmio-bus.0,scsi=off,id=d,"
                                 "bootindex=1"),
                        "a......b");
    assert_string_equal(slots_of("-drive file=a,if=none,id=a"), "........");
    assert_string_equal(slots_of("-drive file=a,id=a -drive file=b "
                                 "-device virtio-blk-device,drive=a"),
                        "......ba");
    assert_string_equal(good("-drive file=a,if=none,id=a -device virtio-blk-"
                             "device,drive=a,serial=1,,2")
                            .plug[0]
                            .serial,
                        "1,2");
}

static void devices_that_do_not_fit_are_refused(void **state)
{
#define A "-drive file=a,if=none,id=a "
#define BLK "-device virtio-blk-device"

    bad(BLK, "drive=ID is missing");
    bad(BLK ",drive=a", "no -drive with id=a");
    bad(A BLK ",drive=a " BLK ",drive=a", "that of two devices");
    bad(A BLK ",drive=a,bus=virtio-mmio-bus.8", "virtio-mmio-bus.0 to .7");
    bad(A BLK ",drive=a,bus=pcie.0", "virtio-mmio-bus.0 to .7");
    bad(A BLK ",drive=a,scsi=on", "scsi=on will not do");
    bad(A BLK ",drive=a,serial=123456789012345678901", "will not do");
    bad(A BLK ",drive=a,colour=red", "there is no property 'colour'");
    bad("-drive file=a,if=virtio,id=a " BLK ",drive=a", "a device by itself");
    bad(A "-drive file=b,if=none,id=b " BLK ",drive=a " BLK
          ",drive=b,bus=virtio-mmio-bus.7",
        "virtio-mmio-bus.7 has a device already");
#undef A
#undef BLK
}

static void the_transport_is_that_of_before(void **state)
{
    assert_false(good("").machine.virtio.modern);
    assert_true(
        good("-global virtio-mmio.force-legacy=false").machine.virtio.modern);
    assert_true(
        good("-global virtio-mmio.force-legacy=off").machine.virtio.modern);
    assert_false(
        good("-global virtio-mmio.force-legacy=true").machine.virtio.modern);
    bad("-global virtio-mmio.force-legacy", "and no other yet");
    bad("-global virtio-mmio.force-legacy=2", "say on or off");
    bad("-global virtio-mmio.speed=on", "and no other yet");
}

static void devices_are_refused_by_name(void **state)
{
    assert_int_equal(good("-device help").action, OPTIONS_DEVICES);
    bad("-device virtio-net-device,netdev=n", "is not supported yet");
    bad("-device virtio-blk-pci,drive=x", "there is no PCI yet");

    bad("-device loader,file=x,data=1", "say file= or data=, not both");
    assert_string_equal(good("-gdb tcp::08080").gdb.port, "08080");
    bad("-device e1000,netdev=n", "-device e1000: there is no such device");
    bad("-device file=x", "-device file: there is no such device");
    bad("-device", "-device needs a value");
    bad("-device=", "-device : there is no such device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(help_is_asked_for),
        cmocka_unit_test(one_dash_or_two_or_equals),
        cmocka_unit_test(parsing_stops_at_the_guest),
        cmocka_unit_test(a_qemu_command_line_is_understood),
        cmocka_unit_test(the_device_tree_may_be_wanted),
        cmocka_unit_test(no_path_is_longer_than_there_can_be),
        cmocka_unit_test(memory_sizes),
        cmocka_unit_test(harts),
        cmocka_unit_test(choices),
        cmocka_unit_test(symbols_and_their_base),
        cmocka_unit_test(symbols_have_an_end),
        cmocka_unit_test(words_of_the_tlb),
        cmocka_unit_test(numbers_of_the_tlb),
        cmocka_unit_test(what_is_missing_is_refused_by_name),
        cmocka_unit_test(drives_have_settings),
        cmocka_unit_test(snapshots_and_recordings_are_read),
        cmocka_unit_test(drives_are_refused_by_what_they_say),
        cmocka_unit_test(slots_fill_as_on_qemu),
        cmocka_unit_test(devices_that_do_not_fit_are_refused),
        cmocka_unit_test(the_transport_is_that_of_before),
        cmocka_unit_test(devices_are_refused_by_name),
        cmocka_unit_test(serial_lines),
        cmocka_unit_test(clocks),
        cmocka_unit_test(events_by_qemus_names),
        cmocka_unit_test(what_qemu_has_besides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
