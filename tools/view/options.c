/* The viewer's own options; see options.h. */
#include "view/options.h"

#include <stdlib.h>
#include <string.h>

#include "view/html.h"

#define SIDE_LEAST 320
#define SIDE_MOST 8192
#define WIDTH_PAGE \
    1100 /* the least that a board needs: pages are read on phones */

static int read_size(struct view_options *o, const char *value,
                     struct rvemu_error *error)
{
    char end;

    if (sscanf(value, "%dx%d%c", &o->width, &o->height, &end) == 2 &&
        o->width >= SIDE_LEAST && o->height >= SIDE_LEAST &&
        o->width <= SIDE_MOST && o->height <= SIDE_MOST)
        return 0;
    return rvemu_error_set(error, "--size %s: WIDTHxHEIGHT, each %d to %d",
                           value, SIDE_LEAST, SIDE_MOST);
}

static int read_theme(struct view_options *o, const char *value,
                      struct rvemu_error *error)
{
    if (!strcmp(value, "light"))
        o->theme = THEME_LIGHT;
    else if (!strcmp(value, "dark"))
        o->theme = THEME_DARK;
    else
        return rvemu_error_set(error, "--theme %s: dark or light", value);
    return 0;
}

static int read_scale(struct view_options *o, const char *value,
                      struct rvemu_error *error)
{
    char *end;

    o->scale = strtod(value, &end);
    if (*end || !(o->scale >= 0.5 && o->scale <= 2))
        return rvemu_error_set(error, "--scale %s: 0.5 to 2", value);
    return 0;
}

static int read_count(struct view_options *o, const char *value,
                      struct rvemu_error *error)
{
    char end;

    if (value[0] >= '0' && value[0] <= '9' &&
        sscanf(value, "%u%c", &o->count, &end) == 1 && o->count >= 1 &&
        o->count <= HTML_MOST)
        return 0;
    return rvemu_error_set(error, "--count %s: 1 to %d", value, HTML_MOST);
}

static int take(struct view_options *o, const char *name, const char *value,
                struct rvemu_error *error)
{
    if (!strcmp(name, "shot"))
        o->shot = value;
    else if (!strcmp(name, "state"))
        o->state = value;
    else if (!strcmp(name, "html"))
        o->html = value;
    else if (!strcmp(name, "count"))
        return read_count(o, value, error);
    else if (!strcmp(name, "at"))
        o->at = value;
    else if (!strcmp(name, "press"))
        o->press = value;
    else if (!strcmp(name, "size"))
        return read_size(o, value, error);
    else if (!strcmp(name, "theme"))
        return read_theme(o, value, error);
    else
        return read_scale(o, value, error);
    return 0;
}

static const char *const names[] = {"shot",  "state", "html",  "count", "at",
                                    "press", "size",  "theme", "scale"};

/* Whether an argument is one of the viewer's options. */
static bool is_own(const char *arg)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strncmp(arg, "--", 2) && !strcmp(arg + 2, names[i]))
            return true;
    return false;
}

const char *view_options_late(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (is_own(argv[i]))
            return argv[i];
    return NULL;
}

int view_options_read(struct view_options *o, int argc, char **argv,
                      struct rvemu_error *error)
{
    *o = (struct view_options){.count = HTML_COUNT, .scale = 1, .first = 1};
    for (; o->first < argc; o->first += 2) {
        const char *arg = argv[o->first];

        o->help = o->help || !strcmp(arg, "--help") || !strcmp(arg, "-help");
        if (!is_own(arg))
            break;
        if (o->first + 1 == argc)
            return rvemu_error_set(error, "%s takes a value", arg);
        if (take(o, arg + 2, argv[o->first + 1], error) < 0)
            return -1;
    }
    if (!o->width) {
        o->width = o->html ? WIDTH_PAGE : 1280;
        o->height = 720;
    }
    if (o->html && (o->shot || o->state))
        return rvemu_error_set(error, "--html writes no %s: take two runs",
                               o->shot ? "--shot" : "--state");
    o->width = (int)(o->width * o->scale);
    o->height = (int)(o->height * o->scale);
    return 0;
}

void view_options_help(FILE *out)
{
    fputs(
        "usage: emu-view [options] [emu's options] guest.elf [arg …]\n"
        "       emu-view [options] FILE.emt\n"
        "Shows step by step what a run does with its memory. It opens at the\n"
        "first copy-on-write fault of a variable of the guest's own; ? lists\n"
        "the keys.\n\n"
        "  --size WxH            of the window or the picture: 1280x720;\n"
        "                        of a page: 1100x720\n"
        "  --theme dark|light    colours\n"
        "  --scale S             pixels for one of --size, 0.5 to 2\n"
        "  --at STEP|EVENT       where to begin: a number, or an event's word\n"
        "                        and its number: copy, fault:2, end\n"
        "  --shot FILE.png       write a picture and leave; needs no display\n"
        "  --state FILE.json     write all that is on the screen; after each\n"
        "                        key, with a window\n"
        "  --html FILE.html      write a page of steps and leave; needs no\n"
        "                        display. By default, the story of the first\n"
        "                        copy-on-write fault; else from --at on\n"
        "  --count N             steps in that page at most: 12\n"
        "  --press KEYS          press these first, as in next,next,why\n",
        out);
}
