/*
 * emu-view: shows step by step what a run does with its memory. Options → a
 * viewer → a window, or a picture → an exit status.
 *
 * Whatever goes wrong on the way is one line on stderr and status 125.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/html.h"
#include "view/options.h"
#include "view/state.h"
#include "view/window.h"

enum { STATUS_OK = 0, STATUS_USAGE = 125 };

static int complain(const char *text)
{
    fprintf(stderr, "emu-view: %s\n", text);
    return STATUS_USAGE;
}

/* --press: keys by their names. */
static int press(struct viewer *v, const char *keys, struct rvemu_error *error)
{
    static const char *const name[] = {
        [KEY_NONE] = "",
#define KEY(name, shown, what) [KEY_##name] = #name,
#include "view/keys.def"
#undef KEY
        [KEY_zoom_out] = "zoom_out",
        [KEY_enter] = "enter",
    };

    while (*keys) {
        size_t length = strcspn(keys, ",");
        unsigned key = KEY_NONE + 1;

        while (key < KEYS && (strlen(name[key]) != length ||
                              strncmp(name[key], keys, length) != 0))
            key++;
        if (key == KEYS)
            return rvemu_error_set(error, "--press: there is no key %.*s",
                                   (int)length, keys);
        if (viewer_press(v, key, error) < 0)
            return -1;
        keys += length + (keys[length] == ',');
    }
    return 0;
}

static int make_picture(struct screen *screen, struct viewer *v,
                        const struct view_options *o, struct rvemu_error *error)
{
    if (screen_resize(screen, o->width, o->height, error) < 0)
        return -1;
    screen_draw(screen, v);
    if (o->shot && paint_write(&screen->canvas, o->shot, error) < 0)
        return -1;
    return o->state ? state_write(v, &screen->sheet, o->state, error) : 0;
}

static int make_page(struct screen *screen, struct viewer *v,
                     const struct view_options *o, struct rvemu_error *error)
{
    if (screen_resize(screen, o->width, o->height, error) < 0)
        return -1;
    return html_write(screen, v, o->html, o->count, error);
}

static int show(struct viewer *v, const struct view_options *o,
                struct rvemu_error *error)
{
    struct screen screen = {0};
    int failed = fonts_open(&screen.canvas.fonts, error);

    v->view.theme = o->theme;
    if (!failed && o->at)
        failed = viewer_jump(v, o->at, error);
    if (!failed && o->press)
        failed = press(v, o->press, error);
    if (!failed)
        failed = o->html   ? make_page(&screen, v, o, error)
                 : o->shot ? make_picture(&screen, v, o, error)
                           : window_run(&screen, v, o, error);
    screen_close(&screen);
    fonts_close(screen.canvas.fonts);
    return failed;
}

int main(int argc, char **argv)
{
    struct view_options options;
    struct viewer viewer;
    struct rvemu_error error;
    const char *late;
    int failed;

    if (view_options_read(&options, argc, argv, &error) < 0)
        return complain(error.text);
    if (options.help) {
        view_options_help(stdout);
        return fflush(stdout) == 0 ? STATUS_OK
                                   : complain("cannot write stdout");
    }
    argv[options.first - 1] = argv[0];
    if (viewer_open(&viewer, argc - options.first + 1, argv + options.first - 1,
                    &error) < 0) {
        late = view_options_late(argc - options.first, argv + options.first);
        if (late)
            rvemu_error_set(&error,
                            "%s: the viewer's options come before emu's", late);
        return complain(error.text);
    }
    failed = show(&viewer, &options, &error);
    viewer_close(&viewer);
    return failed ? complain(error.text) : STATUS_OK;
}
