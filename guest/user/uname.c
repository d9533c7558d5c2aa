/*
 * uname [-a]: the system's name; -a adds host, release, version, machine.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/check.h"

int main(int argc, char **argv)
{
    struct utsname name;

    if (uname(&name) < 0)
        die("uname");
    if (argc > 1 && strcmp(argv[1], "-a") == 0)
        printf("%s %s %s %s %s\n", name.sysname, name.nodename, name.release,
               name.version, name.machine);
    else
        puts(name.sysname);
    return 0;
}
