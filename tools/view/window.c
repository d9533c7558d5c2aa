/* The viewer's window; see window.h. */
#include "view/window.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/state.h"

#define WAIT_FIRST 400   /* ms of a survey that nothing is said of … */
#define WAIT_BETWEEN 100 /* … and then between two lines */

struct window {
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    int width, height; /* of the texture */
};

static enum key key_of(const SDL_Keysym *sym)
{
    bool shift = sym->mod & KMOD_SHIFT;

    switch (sym->sym) {
    case SDLK_RIGHT:
    case SDLK_SPACE:
    case SDLK_PAGEDOWN: return KEY_next;
    case SDLK_LEFT:
    case SDLK_PAGEUP: return KEY_back;
    case SDLK_DOWN: return KEY_finer;
    case SDLK_UP: return KEY_coarser;
    case SDLK_HOME: return KEY_home;
    case SDLK_END: return KEY_end;
    case SDLK_BACKSPACE: return KEY_undo;
    case SDLK_ESCAPE: return KEY_escape;
    case SDLK_F5: return KEY_again;
    case SDLK_RETURN:
    case SDLK_KP_ENTER: return KEY_enter;
    case SDLK_f: return shift ? KEY_fork_before : KEY_fork;
    default: return KEY_NONE;
    }
}

/* Keys that are letters and signs come as text, so that they are where the
 * keyboard's layout has them. */
static enum key letter_of(const char *text)
{
    switch (text[0]) {
    case '/': return KEY_jump;
    case 'n': return KEY_fault;
    case 'p': return KEY_fault_before;
    case 'w': return KEY_why;
    case 't': return KEY_tables;
    case 'm': return KEY_frames;
    case 'e': return KEY_events;
    case 'o': return KEY_console;
    case 'r': return KEY_registers;
    case 'g': return KEY_predict;
    case 'a': return KEY_all;
    case '+':
    case '=': return KEY_zoom;
    case '-': return KEY_zoom_out;
    case 'd': return KEY_theme;
    case 'b': return KEY_black;
    case '?': return KEY_keys;
    case 'q': return KEY_quit;
    default: return KEY_NONE;
    }
}

static int refit(struct window *w, struct screen *screen,
                 struct rvemu_error *error)
{
    int width, height;

    if (SDL_GetRendererOutputSize(w->renderer, &width, &height) < 0)
        return rvemu_error_set(error, "the display: %s", SDL_GetError());
    if (w->texture && width == w->width && height == w->height)
        return 0;
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_ARGB8888,
                                   SDL_TEXTUREACCESS_STREAMING, width, height);
    if (!w->texture)
        return rvemu_error_set(error, "the display: %s", SDL_GetError());
    w->width = width;
    w->height = height;
    return screen_resize(screen, width, height, error);
}

static void present(struct window *w, const struct screen *screen)
{
    SDL_UpdateTexture(w->texture, NULL, screen->canvas.pixel, 4 * w->width);
    SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
    SDL_RenderPresent(w->renderer);
}

static int show(struct window *w, struct screen *screen, struct viewer *viewer,
                const struct view_options *options, struct rvemu_error *error)
{
    if (refit(w, screen, error) < 0)
        return -1;
    SDL_SetWindowTitle(w->window, "emu-view");
    screen_draw(screen, viewer);
    present(w, screen);
    return options->state
               ? state_write(viewer, &screen->sheet, options->state, error)
               : 0;
}

static int click(struct window *w, struct screen *screen, struct viewer *viewer,
                 const SDL_MouseButtonEvent *button, struct rvemu_error *error)
{
    int width, height;
    struct hit hit;
    double ratio;

    SDL_GetWindowSize(w->window, &width, &height);
    ratio = width ? (double)w->width / width : 1;
    hit = sheet_hit(&screen->sheet, button->x * ratio / screen->canvas.scale,
                    button->y * ratio / screen->canvas.scale);
    return viewer_click(viewer, &hit, error);
}

/* Takes one event; *draw says whether something may look different. */
static int take(struct window *w, struct screen *screen, struct viewer *viewer,
                const SDL_Event *event, bool *draw, struct rvemu_error *error)
{
    *draw = true;
    switch (event->type) {
    case SDL_QUIT: viewer->quits = true; return 0;
    case SDL_KEYDOWN:
        return viewer_press(viewer, key_of(&event->key.keysym), error);
    case SDL_TEXTINPUT:
        if (viewer->view.is_typing) {
            viewer_type(viewer, event->text.text);
            return 0;
        }
        return viewer_press(viewer, letter_of(event->text.text), error);
    case SDL_MOUSEBUTTONDOWN:
        return click(w, screen, viewer, &event->button, error);
    case SDL_MOUSEWHEEL:
        return viewer_press(
            viewer, event->wheel.y > 0 ? KEY_zoom : KEY_zoom_out, error);
    case SDL_WINDOWEVENT: return 0;
    default: *draw = false; return 0;
    }
}

static void free_window(struct window *w)
{
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_Quit();
    free(w);
}

static struct window *open_window(const struct view_options *o,
                                  struct rvemu_error *error)
{
    struct window *w = calloc(1, sizeof(*w));

    if (!w) {
        rvemu_error_set(error, "no memory for a window");
        return NULL;
    }
    if (SDL_Init(SDL_INIT_VIDEO) < 0) {
        rvemu_error_set(error,
                        "no display can be opened (%s); --shot makes pictures "
                        "without one",
                        SDL_GetError());
        free(w);
        return NULL;
    }
    w->window = SDL_CreateWindow(
        "emu-view", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, o->width,
        o->height, SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (w->window)
        w->renderer = SDL_CreateRenderer(w->window, -1, 0);
    if (w->window && !w->renderer)
        w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    if (w->renderer)
        return w;
    rvemu_error_set(error, "no window can be opened: %s", SDL_GetError());
    free_window(w);
    return NULL;
}

void window_close(struct waiting *waiting)
{
    if (waiting->window)
        free_window(waiting->window);
    waiting->window = NULL;
}

/* ---- while a run is surveyed ---- */

/* Whether the user wants to leave. */
static bool asks_to_quit(void)
{
    SDL_Event event;
    bool quits = false;

    while (SDL_PollEvent(&event))
        quits = quits || event.type == SDL_QUIT ||
                (event.type == SDL_KEYDOWN && event.key.keysym.sym == SDLK_q);
    return quits;
}

static void say_how_far(struct waiting *wait, uint64_t count, bool of_events)
{
    struct rvemu_error ignored;
    char line[96];

    snprintf(line, sizeof(line), "Looking at the %s first: %" PRIu64 "%s",
             of_events ? "trace" : "run", count / 1000000,
             of_events ? " million events" : " million steps");
    if (refit(wait->window, wait->screen, &ignored) < 0)
        return;
    SDL_SetWindowTitle(wait->window->window, line);
    screen_say(wait->screen, wait->options->theme, line);
    present(wait->window, wait->screen);
}

bool window_wait(void *arg, uint64_t count, bool of_events)
{
    struct waiting *wait = arg;
    struct rvemu_error ignored;
    uint32_t now = SDL_GetTicks();

    if (!count)
        wait->since = wait->shown = now;
    if (now - wait->since < WAIT_FIRST || now - wait->shown < WAIT_BETWEEN)
        return true;
    wait->shown = now;
    if (!wait->window)
        wait->window = open_window(wait->options, &ignored);
    if (!wait->window)
        return true;
    say_how_far(wait, count, of_events);
    wait->quits = asks_to_quit();
    return !wait->quits;
}

/* ---- the run ---- */

int window_run(struct waiting *wait, struct viewer *viewer,
               struct rvemu_error *error)
{
    struct window *w =
        wait->window ? wait->window : open_window(wait->options, error);
    struct screen *screen = wait->screen;
    const struct view_options *options = wait->options;
    SDL_Event event;
    bool draw;
    int failed;

    wait->window = w;
    if (!w)
        return -1;
    failed = show(w, screen, viewer, options, error);
    SDL_StartTextInput();
    while (!failed && !viewer->quits) {
        bool any = false;

        if (!SDL_WaitEvent(&event)) {
            failed = rvemu_error_set(error, "the display: %s", SDL_GetError());
            break;
        }
        do {
            failed = take(w, screen, viewer, &event, &draw, error);
            any = any || draw;
        } while (!failed && !viewer->quits && SDL_PollEvent(&event));
        viewer->quits = viewer->quits || wait->quits;
        if (!failed && any && !viewer->quits)
            failed = show(w, screen, viewer, options, error);
    }
    return failed;
}
