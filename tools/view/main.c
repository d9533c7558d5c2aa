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

static int show(struct viewer *v, struct waiting *wait,
                struct rvemu_error *error)
{
    const struct view_options *o = wait->options;

    v->view.theme = o->theme;
    if ((o->at && viewer_jump(v, o->at, error) < 0) ||
        (o->press && press(v, o->press, error) < 0))
        return -1;
    return o->html   ? make_page(wait->screen, v, o, error)
           : o->shot ? make_picture(wait->screen, v, o, error)
                     : window_run(wait, v, error);
}

/* Opens the viewer of emu's command line and shows it. */
static int run(struct waiting *wait, int argc, char **argv,
               struct rvemu_error *error)
{
    const struct view_options *o = wait->options;
    const struct survey_watch watch = {window_wait, wait};
    struct viewer viewer;
    const char *late;
    int failed;

    if (viewer_open(&viewer, argc, argv, o->html || o->shot ? NULL : &watch,
                    error) < 0) {
        late = view_options_late(argc - 1, argv + 1);
        if (late)
            rvemu_error_set(error, "%s: the viewer's options come before emu's",
                            late);
        return wait->quits ? 0 : -1;
    }
    failed = show(&viewer, wait, error);
    viewer_close(&viewer);
    return failed;
}

int main(int argc, char **argv)
{
    struct view_options options;
    struct screen screen = {0};
    struct waiting wait = {.screen = &screen, .options = &options};
    struct rvemu_error error;
    int failed;

    if (view_options_read(&options, argc, argv, &error) < 0)
        return complain(error.text);
    if (options.help) {
        view_options_help(stdout);
        return fflush(stdout) == 0 ? STATUS_OK
                                   : complain("cannot write stdout");
    }
    argv[options.first - 1] = argv[0];
    failed = fonts_open(&screen.canvas.fonts, &error);
    if (!failed)
        failed = run(&wait, argc - options.first + 1, argv + options.first - 1,
                     &error);
    screen_close(&screen);
    fonts_close(screen.canvas.fonts);
    window_close(&wait);
    return failed ? complain(error.text) : STATUS_OK;
}
