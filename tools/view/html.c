/* Pages; see html.h. */
#include "view/html.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/layout.h"
#include "view/svg.h"

/* What of the sheet is in the picture: sentence and foot are the page's. */
#define TOP 122.0
#define BOTTOM 690.0
#define BEFORE 3 /* moments between the fork and the fault, at most */

static const char style[] =
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:80rem;padding:0 1rem 5rem;"
    "font:1rem/1.4 'DejaVu Sans',Verdana,'Noto Sans',sans-serif}\n"
    "h2{font-size:1.35rem;line-height:1.3;margin:1rem 0 .3rem}\n"
    "code,.m{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace}\n"
    "code{display:block;white-space:pre-wrap;min-height:1.4em}\n"
    ".p{overflow-x:auto;margin:.5rem 0}\n"
    "svg{display:block;width:100%;height:auto;cursor:zoom-in}\n"
    ".large svg{min-width:60rem;cursor:zoom-out}\n"
    "nav{display:flex;gap:.5rem;align-items:center}\n"
    "nav span{flex:1;text-align:center}\n"
    "nav a{font-size:1.5rem;line-height:1;padding:.7rem 1.6rem;"
    "border-radius:.4rem;text-decoration:none}\n"
    "ol{display:flex;flex-wrap:wrap;gap:.4rem;padding:0;list-style:none}\n"
    "ol a{display:block;min-width:2.4rem;padding:.5rem;text-align:center;"
    "border-radius:.4rem;text-decoration:none}\n"
    ".one section{display:none}.one section.on{display:block}\n";

/* One step at a time, the one that the address names; keys
 * step, and a tap on a picture makes it larger, on a screen that is narrow. */
static const char script[] =
    "var steps=[].slice.call(document.querySelectorAll('section'));\n"
    "var links=[].slice.call(document.querySelectorAll('ol a'));\n"
    "function at(){var n=parseInt(location.hash.slice(1),10)||1;\n"
    " return Math.max(1,Math.min(steps.length,n))}\n"
    "function show(){var n=at();\n"
    " steps.forEach(function(s,i){s.classList.toggle('on',i+1===n)});\n"
    " links.forEach(function(a,i){a.classList.toggle('on',i+1===n)});\n"
    " window.scrollTo(0,0)}\n"
    "function go(n){if(n>=1&&n<=steps.length)location.hash='#'+n}\n"
    "document.body.classList.add('one');\n"
    "[].slice.call(document.querySelectorAll('.p')).forEach(function(p){\n"
    " p.addEventListener('click',function(e){\n"
    "  var at=(e.clientX-p.getBoundingClientRect().left)/p.clientWidth;\n"
    "  document.body.classList.toggle('large');\n"
    "  p.scrollLeft=at*(p.scrollWidth-p.clientWidth)})});\n"
    "window.addEventListener('hashchange',show);\n"
    "document.addEventListener('keydown',function(e){\n"
    " if(e.altKey||e.ctrlKey||e.metaKey)return;\n"
    " var to={ArrowRight:at()+1,ArrowLeft:at()-1,PageDown:at()+1,\n"
    "  PageUp:at()-1,' ':at()+1,Home:1,End:steps.length}[e.key];\n"
    " if(to){e.preventDefault();go(to)}});\n"
    "show();\n";

struct page {
    FILE *out;
    enum theme theme;
    unsigned count; /* steps to be written at most */
    unsigned last;  /* steps that are there */
    unsigned done;
};

/* ---- which steps ---- */

/* The moments stepped to before one, down to `floor`, as far as they fit in;
 * returns how many, the first of them in *first. */
static unsigned reach_back(const struct viewer *v, size_t from, size_t floor,
                           unsigned room, size_t *first)
{
    unsigned count = 0;
    size_t at = from;

    *first = from;
    while (count < room) {
        at = view_next(&v->view, &v->source->survey, at, -1);
        if (at == MOMENT_NONE || at < floor)
            break;
        *first = at;
        count++;
    }
    return count;
}

/* The moments of a fault's story: those before the fork, as far as there is
 * room, the fork, what came last before the fault, and what follows. Returns
 * how many. */
static unsigned choose_story(const struct viewer *v, size_t *moment,
                             unsigned count)
{
    const struct survey *s = &v->source->survey;
    size_t fork = s->moment[v->home].cause, first, at;
    bool has_fork = fork != MOMENT_NONE && fork < v->home;
    unsigned chosen = 0, after = has_fork;

    for (at = v->home; at != MOMENT_NONE && after < count;
         at = view_next(&v->view, s, at, 1))
        after++;
    if (has_fork) {
        after +=
            reach_back(v, v->home, fork + 1,
                       count - after < BEFORE ? count - after : BEFORE, &first);
        reach_back(v, fork, 0, count - after, &at);
        for (; at < fork; at = view_next(&v->view, s, at, 1))
            moment[chosen++] = at;
        if (count > 1)
            moment[chosen++] = fork;
    } else {
        reach_back(v, v->home, 0, count - after, &first);
    }
    for (at = first; at != MOMENT_NONE && chosen < count;
         at = view_next(&v->view, s, at, 1))
        moment[chosen++] = at;
    return chosen;
}

/* ---- the page ---- */

static void put_colours(const struct page *p)
{
    static const struct {
        const char *rule, *property;
        enum ink ink;
    } row[] = {
        {"body", "background", INK_GROUND},
        {"body", "color", INK_TEXT},
        {"code,nav span", "color", INK_DIM},
        {"nav a,ol a", "background", INK_PANEL},
        {"nav a,ol a", "color", INK_TEXT},
        {"ol a.on", "background", INK_WRITE},
        {"ol a.on", "color", INK_GROUND},
    };

    fprintf(p->out, ":root{color-scheme:%s}\n",
            p->theme == THEME_DARK ? "dark" : "light");
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        fprintf(p->out, "%s{%s:#%06x}\n", row[i].rule, row[i].property,
                (unsigned)theme_colour(p->theme, row[i].ink));
}

static void put_head(const struct page *p, const struct viewer *v)
{
    fprintf(p->out,
            "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
            "<meta charset=\"utf-8\"/>\n"
            "<meta name=\"viewport\" "
            "content=\"width=device-width,initial-scale=1\"/>\n<title>",
            rvemu_lang_code(v->source->options.explained.lang));
    svg_text(p->out, v->picture.sentence);
    fprintf(p->out, "</title>\n<style>\n%s", style);
    put_colours(p);
    fputs("</style>\n</head>\n<body>\n", p->out);
}

static void put_link(const struct page *p, unsigned to, const char *sign,
                     const char *what)
{
    unsigned known = to < 1 ? 1 : to > p->last ? p->last : to;

    fprintf(p->out, "<a href=\"#%u\" aria-label=\"%s\">%s</a>", known, what,
            sign);
}

/* The step at which the viewer stands. */
static void put_step(struct page *p, struct screen *screen, struct viewer *v)
{
    unsigned number = ++p->done;

    screen_lay_out(screen, v);
    fprintf(p->out, "<section id=\"%u\" data-step=\"%" PRIu64 "\">\n<h2>",
            number, v->picture.now.step);
    svg_text(p->out,
             v->view.is_asked ? "What happens next?" : v->picture.sentence);
    fputs("</h2>\n<code>", p->out);
    if (!v->view.is_asked)
        svg_text(p->out, v->picture.source);
    fputs("</code>\n<div class=\"p\">\n", p->out);
    svg_sheet(p->out, &screen->sheet, p->theme, TOP, BOTTOM);
    fputs("</div>\n<nav>", p->out);
    put_link(p, number - 1, "\xe2\x86\x90", "step back");
    fprintf(p->out, "<span>%u / %u</span>", number, p->last);
    put_link(p, number + 1, "\xe2\x86\x92", "next step");
    fputs("</nav>\n</section>\n", p->out);
}

static void put_foot(const struct page *p)
{
    fputs("<ol>", p->out);
    for (unsigned i = 1; i <= p->done; i++)
        fprintf(p->out, "<li><a href=\"#%u\">%u</a></li>", i, i);
    fprintf(p->out,
            "</ol>\n<script>\n//<![CDATA[\n%s//]]>\n</script>\n"
            "</body>\n</html>\n",
            script);
}

/* ---- going through it ---- */

static int put_story(struct page *p, struct screen *screen, struct viewer *v,
                     struct rvemu_error *error)
{
    const struct survey *s = &v->source->survey;
    size_t moment[HTML_MOST];

    p->last = choose_story(v, moment, p->count);
    put_head(p, v);
    for (unsigned i = 0; i < p->last; i++) {
        if (viewer_goto(v, s->moment[moment[i]].step, error) < 0)
            return -1;
        put_step(p, screen, v);
    }
    put_foot(p);
    return 0;
}

/* One step on; *moved: there was one. */
static int go_on(struct viewer *v, bool *moved, struct rvemu_error *error)
{
    uint64_t step = v->picture.now.step;
    bool asked = v->view.is_asked;

    if (viewer_press(v, KEY_next, error) < 0)
        return -1;
    *moved = v->picture.now.step != step || v->view.is_asked != asked;
    return 0;
}

/* Steps from here on. They are counted by going there first. */
static int put_range(struct page *p, struct screen *screen, struct viewer *v,
                     struct rvemu_error *error)
{
    uint64_t first = v->picture.now.step;
    bool moved = true;

    for (p->last = 1; p->last < p->count; p->last++) {
        if (go_on(v, &moved, error) < 0)
            return -1;
        if (!moved)
            break;
    }
    if (viewer_goto(v, first, error) < 0)
        return -1;
    put_head(p, v);
    while (p->done < p->last) {
        put_step(p, screen, v);
        if (p->done < p->last && go_on(v, &moved, error) < 0)
            return -1;
    }
    put_foot(p);
    return 0;
}

int html_write(struct screen *screen, struct viewer *v, const char *path,
               unsigned count, struct rvemu_error *error)
{
    struct page p = {.theme = v->view.theme, .count = count};
    bool is_home =
        v->picture.now.step == v->source->survey.moment[v->home].step;
    int failed;

    p.out = fopen(path, "w");
    if (!p.out)
        return rvemu_error_set(error, "cannot write %s: %s", path,
                               strerror(errno));
    failed = is_home && v->view.grain == GRAIN_EVENT && !v->view.predicts
                 ? put_story(&p, screen, v, error)
                 : put_range(&p, screen, v, error);
    if ((ferror(p.out) | fclose(p.out)) != 0 && !failed)
        failed = rvemu_error_set(error, "cannot write %s: %s", path,
                                 strerror(errno));
    return failed;
}
