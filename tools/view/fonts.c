/* Fonts; see fonts.h. */
#include "view/fonts.h"

#include <stdio.h>
#include <stdlib.h>

#include <SDL2/SDL_ttf.h>
#include <fontconfig/fontconfig.h>

#define SIZES 160 /* pixels, at most */
/* WIDE: what has Chinese letters, for the texts that have. */
enum { BOLD = 1, MONO = 2, STYLES = 4, WIDE = 4, ALL = 8 };

struct fonts {
    char path[ALL][4096];
    TTF_Font *font[ALL][SIZES]; /* as they are needed */
};

/* A font that has the letters of 内 and 页. */
static void want_letters(FcPattern *wanted)
{
    FcCharSet *letters = FcCharSetCreate();

    FcCharSetAddChar(letters, 0x5185);
    FcCharSetAddChar(letters, 0x9875);
    FcPatternAddCharSet(wanted, FC_CHARSET, letters);
    FcCharSetDestroy(letters);
}

static int find(char out[4096], unsigned style, struct rvemu_error *error)
{
    const char *given =
        getenv(style & MONO ? "EMU_VIEW_MONO" : "EMU_VIEW_FONT");
    FcPattern *wanted, *found;
    FcResult result;
    FcChar8 *file;
    int failed = -1;

    if (given && given[0] && !(style & WIDE)) {
        snprintf(out, 4096, "%s", given);
        return 0;
    }
    wanted = FcNameParse(
        (const FcChar8 *)(style & MONO ? "monospace" : "sans-serif"));
    if (style & WIDE)
        want_letters(wanted);
    FcPatternAddInteger(wanted, FC_WEIGHT,
                        style & BOLD ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
    FcConfigSubstitute(NULL, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    found = FcFontMatch(NULL, wanted, &result);
    if (found &&
        FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch) {
        snprintf(out, 4096, "%s", (const char *)file);
        failed = 0;
    }
    if (found)
        FcPatternDestroy(found);
    FcPatternDestroy(wanted);
    return failed ? rvemu_error_set(error, "no font was found: install one, "
                                           "fonts-dejavu-core for instance")
                  : 0;
}

/* Whether a text has letters from U+2E80 on, where those of Chinese begin. */
static bool is_wide(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)text[0] > 0xe2 ||
            ((unsigned char)text[0] == 0xe2 && (unsigned char)text[1] >= 0xba))
            return true;
    return false;
}

static TTF_Font *open_style(struct fonts *f, int size, unsigned style)
{
    struct rvemu_error ignored;

    if (!f->path[style][0] && find(f->path[style], style, &ignored) < 0)
        return NULL;
    size = size < 4 ? 4 : size >= SIZES ? SIZES - 1 : size;
    if (!f->font[style][size]) {
        TTF_Font *font = TTF_OpenFont(f->path[style], size);

        if (font)
            TTF_SetFontHinting(font, TTF_HINTING_LIGHT);
        f->font[style][size] = font;
    }
    return f->font[style][size];
}

static TTF_Font *open_font(struct fonts *f, const char *text, int size,
                           bool bold, bool mono)
{
    unsigned style = (bold ? BOLD : 0) | (mono ? MONO : 0);
    TTF_Font *font = is_wide(text) ? open_style(f, size, style | WIDE) : NULL;

    return font ? font : open_style(f, size, style);
}

int fonts_open(struct fonts **out, struct rvemu_error *error)
{
    struct fonts *f = calloc(1, sizeof(*f));

    *out = NULL;
    if (!f)
        return rvemu_error_set(error, "no memory for fonts");
    if (!FcInit() || TTF_Init() < 0) {
        free(f);
        return rvemu_error_set(error, "fonts cannot be used: %s",
                               TTF_GetError());
    }
    *out = f;
    for (unsigned style = 0; style < STYLES; style++) {
        if (find(f->path[style], style, error) < 0)
            goto failed;
        if (!open_style(f, 16, style)) {
            rvemu_error_set(error, "%s cannot be used as a font",
                            f->path[style]);
            goto failed;
        }
    }
    return 0;
failed:
    fonts_close(f);
    *out = NULL;
    return -1;
}

void fonts_close(struct fonts *f)
{
    if (!f)
        return;
    for (unsigned style = 0; style < ALL; style++)
        for (unsigned size = 0; size < SIZES; size++)
            if (f->font[style][size])
                TTF_CloseFont(f->font[style][size]);
    TTF_Quit();
    free(f);
}

int fonts_width(struct fonts *f, const char *text, int size, bool bold,
                bool mono)
{
    TTF_Font *font = open_font(f, text, size, bold, mono);
    int width = 0;

    if (!font || TTF_SizeUTF8(font, text, &width, NULL) < 0)
        return 0;
    return width;
}

SDL_Surface *fonts_draw(struct fonts *f, const char *text, int size, bool bold,
                        bool mono, int *ascent)
{
    TTF_Font *font = open_font(f, text, size, bold, mono);
    const SDL_Color white = {255, 255, 255, 255};

    if (!font || !text[0])
        return NULL;
    *ascent = TTF_FontAscent(font);
    return TTF_RenderUTF8_Blended(font, text, white);
}
