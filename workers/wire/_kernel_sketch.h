/* From a text to its fingerprints. */
#ifndef CLAIMWIRE_KERNEL_SKETCH_H
#define CLAIMWIRE_KERNEL_SKETCH_H

#include "_kernel_scan.h"

enum { SHORT_SHINGLE = 3, SHORT_TOKENS = 40, MAX_FINGERPRINTS = 512, PER_SHORT_TEXT = 8, FEW_FINGERPRINTS = 12, WINDOW = 32 };
enum { VOTING_WORDS = 3 };
#define SHORT_SALT UINT64_C(0x2545F4914F6CDD1D)

/* One text being sketched: `hashes` of all shingles, all ones where a shingle has too few words to vote. */
typedef struct {
    const Reading *text;
    size_t width, count, chosen_count;
    u64 *hashes, *chosen;
} Sketching;

static void silence_figures(Sketching *s)
{
    const u8 *kinds = s->text->kinds;
    size_t figures = 0;
    for (size_t i = 0; i < s->text->count; i++)
        figures += kinds[i] == FIGURE;
    if (figures + VOTING_WORDS <= s->width)
        return;
    figures = 0;
    for (size_t i = 0; i + 1 < s->width && i < s->text->count; i++)
        figures += kinds[i] == FIGURE;
    for (size_t i = 0; i < s->count; i++) {
        figures += kinds[i + s->width - 1] == FIGURE;
        if (s->width - figures < VOTING_WORDS)
            s->hashes[i] = ALL_ONES;
        figures -= kinds[i] == FIGURE;
    }
}

static void choose(Sketching *s, u64 hash)
{
    if (hash != ALL_ONES)
        s->chosen[s->chosen_count++] = hash;
}

/* The smallest two of a sentence; of a very long one the smallest of every window. */
static void choose_least(Sketching *s, const u64 *at, size_t count)
{
    u64 least = ALL_ONES, second = ALL_ONES;
    size_t place = 0;
    if (count <= 2 * WINDOW) {
        for (size_t i = 0; i < count; i++)
            if (at[i] < least)
                second = least, least = at[i];
            else if (at[i] > least && at[i] < second)
                second = at[i];
        choose(s, least);
        choose(s, second);
        return;
    }
    for (size_t begin = 0; begin + WINDOW <= count; begin++) {
        size_t last = begin + WINDOW - 1, before = place;
        if (!begin || place < begin) {
            place = begin;
            for (size_t i = begin + 1; i <= last; i++)
                if (at[i] <= at[place])
                    place = i;
        } else if (at[last] <= at[place]) {
            place = last;
        }
        if (!begin || place != before)
            choose(s, at[place]);
    }
}

static void choose_by_sentence(Sketching *s)
{
    const Reading *text = s->text;
    size_t first = 0;
    for (size_t i = 0; i < text->sentence_count; i++) {
        size_t last = i + 1 < text->sentence_count ? text->sentences[i + 1] : text->count;
        if (last - first >= s->width) {
            choose_least(s, s->hashes + first, last - first - s->width + 1);
            first = last;
        }
    }
}

/* Puts a hash among the smallest, which are ascending and distinct; returns how many there are. */
static size_t keep_least(u64 *least, size_t count, u64 hash)
{
    size_t at = count;
    while (at && least[at - 1] > hash)
        at--;
    if (at == PER_SHORT_TEXT || (at && least[at - 1] == hash))
        return count;
    count += count < PER_SHORT_TEXT;
    memmove(least + at + 1, least + at, (count - 1 - at) * sizeof *least);
    least[at] = hash;
    return count;
}

/* The smallest shingles of three words; figures say nothing, unless there is little else. */
static void choose_short(Sketching *s)
{
    const Reading *text = s->text;
    size_t scale = (size_t)text->scale, width = SHORT_SHINGLE * scale, count, figures = 0, kept = 0;
    int has_little_else = text->count < SHORT_TOKENS * scale;
    u64 *least = s->chosen + s->chosen_count;
    if (width > text->count)
        width = text->count;
    count = shingle_count(text->count, width);
    hash_runs(text->codes, text->kinds, text->count, width, s->hashes);
    for (size_t i = 0; i + 1 < width; i++)
        figures += text->kinds[i] == FIGURE;
    for (size_t i = 0; i < count; i++) {
        figures += text->kinds[i + width - 1] == FIGURE;
        if (!figures || has_little_else)
            kept = keep_least(least, kept, s->hashes[i] ^ SHORT_SALT);
        figures -= text->kinds[i] == FIGURE;
    }
    s->chosen_count += kept;
}

static int put_in_order(Sketching *s)
{
    if (sort_numbers(s->chosen, s->chosen_count) < 0)
        return -1;
    s->chosen_count = distinct(s->chosen, s->chosen_count);
    return 0;
}

static int choose_fingerprints(Sketching *s)
{
    silence_figures(s);
    choose_by_sentence(s);
    if (put_in_order(s) < 0)
        return -1;
    if (s->chosen_count < FEW_FINGERPRINTS) {
        choose_short(s);
        return put_in_order(s);
    }
    if (s->chosen_count > MAX_FINGERPRINTS)
        s->chosen_count = MAX_FINGERPRINTS;
    return 0;
}

static PyObject *sketch_read(const Reading *r)
{
    PyObject *result = NULL;
    size_t width = SHINGLE * (size_t)r->scale;
    Sketching s = {r, width, shingle_count(r->count, width), 0, NULL, NULL};
    s.hashes = allocate_raw(2 * r->count + 2 + PER_SHORT_TEXT, sizeof *s.hashes);
    if (!s.hashes)
        return NULL;
    s.chosen = s.hashes + r->count;
    hash_runs(r->codes, r->kinds, r->count, s.width, s.hashes);
    if (choose_fingerprints(&s) == 0)
        result = Py_BuildValue("Nn", packed(s.chosen, s.chosen_count, sizeof *s.chosen), (Py_ssize_t)r->count);
    free(s.hashes);
    return result;
}

static PyObject *sketch(PyObject *module, PyObject *text)
{
    Reading *r = read_text(text);
    PyObject *result = r ? sketch_read(r) : NULL;
    (void)module;
    release(r);
    return result;
}

#endif
