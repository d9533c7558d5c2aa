/* Colours; see theme.h. */
#include "view/theme.h"

uint32_t theme_colour(enum theme theme, enum ink ink)
{
    static const uint32_t colour[THEMES][INKS] = {
        [THEME_DARK] = {[INK_GROUND] = 0x0e1216,
                        [INK_PANEL] = 0x161c22,
                        [INK_EDGE] = 0x28323b,
                        [INK_BOX] = 0x222b34,
                        [INK_RIM] = 0x54616d,
                        [INK_TEXT] = 0xedebe5,
                        [INK_DIM] = 0x9aa5af,
                        [INK_FAINT] = 0x66727d,
                        [INK_LINE] = 0x8793a0,
                        [INK_WRITE] = 0x56b4e9,
                        [INK_NEW] = 0xffc233,
                        [INK_GLOW] = 0x47370f,
                        [INK_STOP] = 0xff6a4d,
                        [INK_PICK] = 0xf3a8d8},
        [THEME_LIGHT] = {[INK_GROUND] = 0xfbfaf7,
                         [INK_PANEL] = 0xf1efe9,
                         [INK_EDGE] = 0xd5d0c6,
                         [INK_BOX] = 0xffffff,
                         [INK_RIM] = 0x8f8a80,
                         [INK_TEXT] = 0x12161a,
                         [INK_DIM] = 0x545d65,
                         [INK_FAINT] = 0x8d959c,
                         [INK_LINE] = 0x767f87,
                         [INK_WRITE] = 0x0064a8,
                         [INK_NEW] = 0xb85000,
                         [INK_GLOW] = 0xffe6bd,
                         [INK_STOP] = 0xc62410,
                         [INK_PICK] = 0x99307a},
    };

    return colour[theme][ink];
}
