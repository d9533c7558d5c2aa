"""Command lines of projects that boot on QEMU's virt, as their Makefiles, run
scripts and manuals have them: each runs, or is refused by one line that names
what emu has not.

The files that a line names are stand-ins: a kernel prints "hello" and powers
off, a firmware goes on to 0x80200000, a disk is empty.
"""

import shlex

import elf
from harness import Case, Test, describe

HELLO = elf.words(elf.hello("hello\n"), elf.exit_pass())
# t0 = 0x401 << 21: no constant of 31 bits reaches there.
FIRMWARE = elf.words(elf.addi(elf.T0, elf.ZERO, 0x401),
                     elf.slli(elf.T0, elf.T0, 21), elf.jalr(0, elf.T0))
KERNEL = elf.RAM + 0x200000
DISK = bytes(1 << 20)
BLK = ("-drive file=fs.img,if=none,format=raw,id=x0 "
       "-device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0 ")
NET = "-device virtio-net-device,netdev=net -netdev user,id=net "

# Project -> (line, what it is refused by; "": it runs).
LINES = {
    "xv6-riscv": (
        "-machine virt -bios none -kernel kernel/kernel -m 128M -smp 3 "
        "-nographic -global virtio-mmio.force-legacy=false " + BLK, ""),
    "mit-labs": (
        "-machine virt -bios none -kernel kernel/kernel -m 128M -smp 3 "
        "-nographic " + BLK, ""),
    "mit-labs-gdb": (
        "-machine virt -bios none -kernel kernel/kernel -m 128M -smp 1 "
        "-nographic " + BLK + "-gdb tcp::26413", ""),
    "mit-labs-net": (
        "-machine virt -bios none -kernel kernel/kernel -m 128M -smp 1 "
        "-nographic " + BLK + "-netdev user,id=net0,"
        "hostfwd=udp::26999-:2000 -object filter-dump,id=net0,netdev=net0,"
        "file=packets.pcap -device e1000,netdev=net0,bus=pcie.0", "-netdev"),
    "rcore-tutorial-v3": (
        "-machine virt -nographic -bios ../bootloader/rustsbi-qemu.bin "
        "-device loader,file=target/os.bin,addr=0x80200000 " + BLK, ""),
    "toyos": (
        "-machine virt -nographic -bios ../bios/rustsbi_qemu.bin "
        "-device loader,file=toyos.bin,addr=0x80200000 "
        "-device loader,addr=0x80400000,data=0x4,data-len=4 "
        "-device loader,file=hello_world.bin,addr=0x80400008", ""),
    "octox": (
        "-machine virt -bios none -m 524M -smp 4 -nographic "
        "-serial mon:stdio -global virtio-mmio.force-legacy=false " + BLK +
        "-kernel octox", ""),
    "osblog": (
        "-machine virt -cpu rv64 -d guest_errors,unimp -smp 4 -m 128M "
        "-drive if=none,format=raw,file=hdd.dsk,id=foo "
        "-device virtio-blk-device,scsi=off,drive=foo -serial mon:stdio "
        "-bios none -device virtio-rng-device -device virtio-gpu-device "
        "-device virtio-net-device -device virtio-tablet-device "
        "-device virtio-keyboard-device -kernel os", "-device virtio-"),
    "ucore": (
        "-machine virt -nographic -bios default -kernel bin/ucore.img", ""),
    "oskernel-contest": (
        "-machine virt -kernel kernel-qemu -m 128M -nographic -smp 2 "
        "-bios sbi-qemu " + BLK + NET, "virtio-net-device"),
    "kernel-travel": (
        "-machine virt -kernel arch/riscv/boot/Image -m 1G -nographic -smp 1 "
        "-bios default " + BLK + "-no-reboot -rtc base=utc "
        "-append 'root=/dev/vda rw console=ttyS0'", ""),
    "nuttx": (
        "-semihosting -M virt,aclint=on -cpu rv64 -smp 8 -bios none "
        "-kernel nuttx -nographic", ""),
    "nuttx-flat": (
        "-semihosting -M virt -cpu rv64 -bios none -kernel nuttx -nographic",
        ""),
    "nuttx-fb64": (
        "-semihosting -M virt -cpu rv64 -smp 8 -chardev stdio,id=con,mux=on "
        "-serial chardev:con -device virtio-gpu-device,xres=640,yres=480,"
        "bus=virtio-mmio-bus.0 -mon chardev=con,mode=readline -bios none "
        "-kernel nuttx", "virtio-gpu-device"),
    "nuttx-net": (
        "-semihosting -M virt -cpu rv64 -smp 8 "
        "-global virtio-mmio.force-legacy=false "
        "-chardev socket,telnet=on,host=127.0.0.1,port=3450,server=on,"
        "wait=off,id=foo -bios none -kernel nuttx/nuttx -nographic",
        "-chardev socket"),
    "zephyr": (
        "-nographic -machine virt -bios none -m 256 "
        "-cpu rv64,s=on,u=on,pmp=on,priv_spec=v1.12.0,sv39=on -net none "
        "-pidfile qemu.pid -chardev stdio,id=con,mux=on -serial chardev:con "
        "-mon chardev=con,mode=readline -icount shift=6,align=off,sleep=off "
        "-rtc clock=vm -kernel zephyr.elf", ""),
    "freertos": (
        "-nographic -machine virt -net none -chardev stdio,id=con,mux=on "
        "-serial chardev:con -mon chardev=con,mode=readline -bios none "
        "-smp 4 -kernel ./build/RTOSDemo.axf", ""),
    "sel4": (
        "-machine virt -cpu rv64 -nographic -serial mon:stdio -m size=512M "
        "-bios none -kernel images/sel4test", ""),
    "sel4-vmm": (
        "-bios none -machine virt -cpu rv64,x-h=true -smp 4 -nographic "
        "-serial mon:stdio -m size=4095M -kernel images/vmm", "x-h"),
    "opensbi": (
        "-M virt -m 256M -display none -serial stdio "
        "-kernel firmware/fw_payload.elf", ""),
    "opensbi-jump": (
        "-M virt -m 256M -display none -serial stdio "
        "-kernel firmware/fw_jump.elf "
        "-device loader,file=u-boot.bin,addr=0x80400000 "
        "-drive file=rootfs.img,format=raw,id=hd0 "
        "-device virtio-blk-device,drive=hd0 "
        "-append 'root=/dev/vda rw console=ttyS0'", ""),
    "opensbi-loaded": (
        "-M virt -display none -serial stdio -bios none "
        "-device loader,file=fw_dynamic.bin,addr=0x80000000", ""),
    "u-boot": ("-nographic -machine virt -bios u-boot.bin", ""),
    "u-boot-spl": (
        "-nographic -machine virt -bios spl/u-boot-spl.bin "
        "-device loader,file=u-boot.itb,addr=0x80200000", ""),
    "u-boot-ahci": (
        "-nographic -machine virt -bios u-boot.bin -device ich9-ahci,id=ahci "
        "-drive if=none,file=riscv64.img,format=raw,id=mydisk "
        "-device ide-hd,drive=mydisk,bus=ahci.0", "ich9-ahci"),
    "u-boot-payload": (
        "-machine virt -cpu rv64 -m 128M -nographic -bios default "
        "-kernel u-boot.bin "
        "-device loader,file=payload.img,addr=0x82000000,force-raw=on", ""),
    "linux-kunit": (
        "-nodefaults -m 1024 -kernel arch/riscv/boot/Image "
        "-append 'kunit.enable=1 console=ttyS0' -no-reboot -nographic "
        "-accel kvm -accel hvf -accel tcg -serial stdio -machine virt "
        "-cpu rv64 -bios opensbi-riscv64-generic-fw_dynamic.bin", ""),
    "buildroot": (
        "-M virt -bios fw_jump.elf -kernel Image "
        "-append 'rootwait root=/dev/vda ro' "
        "-drive file=rootfs.ext2,format=raw,id=hd0 "
        "-device virtio-blk-device,drive=hd0 -nographic", ""),
    "kvm-unit-tests": (
        "-nodefaults -nographic -serial mon:stdio -machine virt -accel tcg "
        "-cpu rv64 -kernel riscv/sbi.flat -smp 4 -append 'base'", ""),
    "rt-thread": (
        "-nographic -machine virt -m 256M -kernel rtthread.bin "
        "-drive if=none,file=sd.bin,format=raw,id=blk0 "
        "-device virtio-blk-device,drive=blk0,bus=virtio-mmio-bus.0 "
        "-netdev user,id=tap0 "
        "-device virtio-net-device,netdev=tap0,bus=virtio-mmio-bus.1",
        "-netdev"),
    "littlekernel": (
        "-machine virt -kernel build/lk.elf -cpu rv64 -m 512 -smp 1 "
        "-bios none -drive if=none,file=disk.img,id=disk0,format=raw "
        "-device virtio-blk-device,drive=disk0 -net none -nographic", ""),
    "asterinas": (
        "-cpu rv64,svpbmt=true,zkr=true -machine virt -m 8G -smp 1 "
        "--no-reboot -nographic -display none -monitor chardev:mux "
        "-chardev stdio,id=mux,mux=on,signal=off,logfile=qemu.log "
        "-serial chardev:mux -kernel aster", "zkr"),
    "arceos": (
        "-machine virt -m 128M -smp 1 -bios default -kernel kernel.bin "
        "-nographic -device virtio-blk-device,drive=disk0 "
        "-drive id=disk0,if=none,format=raw,file=disk.img", ""),
    "os-in-1000-lines": (
        "-machine virt -bios default -nographic -serial mon:stdio --no-reboot "
        "-d unimp,guest_errors,int,cpu_reset -D qemu.log "
        "-drive id=drive0,file=disk.tar,format=raw "
        "-device virtio-blk-device,drive=drive0,bus=virtio-mmio-bus.0 "
        "-kernel kernel.elf", ""),
    "s3k": (
        "-M virt -icount 1 -smp 1 -m 128M -nographic -bios none "
        "-kernel s3k.elf -semihosting "
        "-device loader,file=boot.bin,addr=0x80010000 "
        "-serial tcp:127.0.0.1:4321,server,nowait", "-serial tcp:"),
    "s3k-stdio": (
        "-M virt -icount 1 -smp 1 -m 128M -nographic -bios none "
        "-kernel s3k.elf -semihosting "
        "-device loader,file=boot.bin,addr=0x80010000", ""),
    "steps-cpu": (
        "-machine virt -nographic -m 1024M -bios none "
        "-icount shift=7,align=off,sleep=off -kernel kernel.bin", ""),
    "tos": (
        "-monitor unix:/tmp/monitor.sock,server,wait=off "
        "-serial unix:/tmp/serial.sock,server,wait=on -machine virt -m 128M "
        "-bios none -global virtio-mmio.force-legacy=false "
        "-device virtio-vga " + BLK + "-kernel tos", "-monitor unix:"),
    "pippopp": (
        "-nographic -machine virt -m 512M -smp 4 "
        "-drive id=drive0,file=drive0,format=raw,if=none,size=256M "
        "-device virtio-blk-device,drive=drive0,bus=virtio-mmio-bus.0 "
        "-kernel build/main.elf", "size"),
    "nexus": (
        "-machine virt -cpu rv64 -smp 4 -m 8G -kernel kernel "
        "-drive file=nexus.img,format=raw,id=disk "
        "-device virtio-blk-device,drive=disk -serial mon:stdio "
        "-display gtk,gl=on -device virtio-gpu-pci", "-display gtk"),
    "coreboot": (
        "-M virt -m 1G -nographic -bios build/coreboot.rom "
        "-drive if=pflash,file=build/coreboot.rom,format=raw", "pflash"),
    "edk2": (
        "-M virt,pflash0=pflash0,pflash1=pflash1 -m 2G -smp 8 "
        "-serial mon:stdio -nographic", "pflash0"),
    "egos-2000": ("-nographic -readconfig tools/qemu/config.toml",
                  "-readconfig"),
    "mini-riscv-os": (
        "-nographic -smp 4 -machine virt -bios none -kernel os.elf", ""),
    "rvos": (
        "-nographic -smp 1 -machine virt -bios none -kernel os.elf", ""),
    "qemu-exit": (
        "-M virt -nographic -monitor none -serial stdio -bios none "
        "-kernel kernel.elf", ""),
    "nosering": (
        "-machine virt -bios none -kernel nosering -nographic "
        "-serial mon:stdio -gdb tcp::26414", ""),
    "popovicu-bare": ("-machine virt -bios hello", ""),
    "limine": (
        "-machine virt -cpu rv64 -bios fw_dynamic.bin -m 256m "
        "-global virtio-mmio.force-legacy=false -serial stdio "
        "-kernel risc-v-bare", ""),
    "rvv": (
        "-nographic -machine virt -cpu rv64,v=true,vlen=128,vext_spec=v1.0 "
        "-m 256M -kernel rtthread.bin", "v is not supported"),
    "aia": (
        "-M virt,aia=aplic-imsic,aia-guests=5 -cpu rv64 -m 1G -nographic "
        "-kernel Image", "aia=none"),
    "icount-auto": ("-M virt -icount auto -nographic -kernel Image",
                    "-icount auto"),
}


def make(folder, name, data):
    path = folder / name.lstrip("/")
    if name.startswith("../"):
        path = folder / name[3:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def stand_in(option, value, words):
    """What the file of an option holds."""
    alone = "-kernel" not in words and "loader,file" not in " ".join(words)
    if option == "-bios":
        return HELLO if alone else FIRMWARE
    if option == "-drive":
        return DISK
    if option == "-kernel" and value.endswith((".bin", ".img", ".flat")):
        return HELLO
    bare = ("-bios none" in " ".join(words) or "fw_" in value)
    return elf.elf(HELLO, base=elf.RAM if bare else KERNEL)


def place(folder, words):
    """Makes the files of a line; the line, with their paths."""
    result = []
    for option, word in zip([""] + words, words):
        if option in ("-kernel", "-bios") and word not in ("none", "default"):
            word = str(make(folder, word, stand_in(option, word, words)))
        elif "file=" in word and option in ("-drive", "-device"):
            name = word.split("file=")[1].split(",")[0]
            data = DISK if option == "-drive" else HELLO
            word = word.replace(name, str(make(folder, name, data)))
        result.append(word)
    return result


def lines(ctx):
    for project, (line, about) in LINES.items():
        folder = ctx.tmp / project
        folder.mkdir()
        words = place(folder, shlex.split(line))
        result = ctx.emu(words, timeout=20, cwd=str(folder))
        if about:
            good = (result.status == 125 and result.err.count("\n") == 1
                    and about in result.err and not result.out)
        else:
            good = result.status == 0 and "hello" in result.out
        yield Case(project, error=None if good else describe(result))


def versions(ctx):
    """What Makefiles ask of QEMU before they use it."""
    for name, args, wanted in (
            ("xv6", ["--version"], "QEMU emulator version 10.0.0 (emu "),
            ("one-dash", ["-version"], "QEMU emulator version 10.0.0 (emu "),
            ("kvm-unit-tests", ["-machine", "?"], "RISC-V VirtIO board"),
            ("mini-riscv-os", ["-M", "help"], "virt"),
            ("devices", ["-device", "help"], "virtio-blk-device"),
            ("events", ["-d", "help"], "page_fault"),
            ("cpus", ["-cpu", "help"], "rv64")):
        result = ctx.emu(args, timeout=10)
        good = result.status == 0 and wanted in result.out and not result.err
        yield Case(name, error=None if good else describe(result))


def tests(ctx):
    yield Test("lines", lines)
    yield Test("versions", versions)
