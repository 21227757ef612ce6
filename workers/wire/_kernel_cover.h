/* Comparing a text with a wire story: alignment, cover, what is new. */
#ifndef CLAIMWIRE_KERNEL_COVER_H
#define CLAIMWIRE_KERNEL_COVER_H

#include "_kernel_groups.h"
#include "_kernel_sketch.h"

enum { SLOT_WORDS = 2, NOVEL_LEAST = 3, NOVEL_RUN = 8, NOVEL_FIFTHS = 3 };
enum { WHOLE_THIRDS = 8, NEAR = 40 };
enum { ALIGNED_MOST = (SHINGLE * MAX_SCALE - 2) * PLACES };

/* The words of a text. */
typedef struct {
    View codes, kinds, spelled;
} Words;

static int view_words(PyObject *const packed[3], Words *words)
{
    if (view_of(packed[0], 8, &words->codes) < 0 || view_of(packed[1], 1, &words->kinds) < 0 ||
        view_of(packed[2], 8, &words->spelled) < 0)
        return -1;
    if (words->codes.count != words->kinds.count || words->codes.count != words->spelled.count)
        return inconsistent();
    return 0;
}

/* Whether the parts of a text, told by the first token of each, tile it. */
static int check_parts(View parts, size_t tokens)
{
    const u32 *at = U32S(parts);
    if (!parts.count || at[0])
        return inconsistent();
    for (size_t i = 0; i < parts.count; i++)
        if (at[i] > (i + 1 < parts.count ? at[i + 1] : tokens))
            return inconsistent();
    return 0;
}

static size_t part_end(View parts, size_t number, size_t tokens)
{
    return number + 1 < parts.count ? U32S(parts)[number + 1] : tokens;
}

/* A text beside a wire story of several parts: how much of either is in the other. */
typedef struct {
    const u64 *codes, *known_codes;
    const u8 *kinds, *known_kinds;
    size_t tokens, known_tokens, width;
    View parts;
} Sharing;

/* Different shingles of the text, of both, of the first part, of the first part and the text. */
typedef struct {
    size_t own, shared, original, both;
} Shares;

static int count_shares(const Sharing *s, const Groups *groups, u64 *hashes, u8 *seen, Shares *found)
{
    for (size_t i = 0; i < s->parts.count; i++) {
        size_t first = U32S(s->parts)[i], last = part_end(s->parts, i, s->known_tokens);
        size_t count = shingle_count(last - first, s->width);
        hash_runs(s->known_codes + first, s->known_kinds + first, last - first, s->width, hashes);
        for (size_t j = 0; j < count; j++) {
            size_t group = group_of(groups, hashes[j]);
            if (group != SIZE_MAX && !seen[group])
                seen[group] = 1, found->shared++;
        }
        if (i)
            continue;
        found->both = found->shared;
        if (count_distinct(hashes, count, &found->original) < 0)
            return -1;
    }
    found->own = groups->count;
    return 0;
}

static int find_shares(const Sharing *s, Shares *found)
{
    size_t count = shingle_count(s->tokens, s->width);
    size_t more = count > s->known_tokens ? count : s->known_tokens;
    u64 *hashes = allocate_raw(more, sizeof *hashes);
    u8 *seen = allocate(count, 1);
    int failed = -1;
    *found = (Shares){0};
    if (hashes && seen) {
        Groups groups;
        hash_runs(s->codes, s->kinds, s->tokens, s->width, hashes);
        failed = open_groups(&groups, hashes, count);
        failed = failed ? failed : count_shares(s, &groups, hashes, seen, found);
        close_groups(&groups);
    }
    free(seen);
    free(hashes);
    return failed;
}

static PyObject *likeness(PyObject *module, PyObject *args)
{
    PyObject *packed_codes, *packed_kinds, *packed_known_codes, *packed_known_kinds, *parts;
    View codes, kinds, known_codes, known_kinds;
    Sharing s;
    Shares found;
    Py_ssize_t width;
    (void)module;
    if (!PyArg_ParseTuple(args, "SSSSSn", &packed_codes, &packed_kinds, &packed_known_codes, &packed_known_kinds,
                          &parts, &width) ||
        view_of(packed_codes, 8, &codes) < 0 || view_of(packed_kinds, 1, &kinds) < 0 ||
        view_of(packed_known_codes, 8, &known_codes) < 0 || view_of(packed_known_kinds, 1, &known_kinds) < 0 ||
        view_of(parts, 4, &s.parts) < 0 || check_parts(s.parts, known_codes.count) < 0)
        return NULL;
    if (width < 0 || codes.count != kinds.count || known_codes.count != known_kinds.count) {
        inconsistent();
        return NULL;
    }
    s = (Sharing){U64S(codes), U64S(known_codes), U8S(kinds), U8S(known_kinds), codes.count, known_codes.count,
                  (size_t)width, s.parts};
    if (find_shares(&s, &found) < 0)
        return NULL;
    return Py_BuildValue("nnnn", (Py_ssize_t)found.own, (Py_ssize_t)found.shared, (Py_ssize_t)found.original,
                         (Py_ssize_t)found.both);
}

static PyObject *glance_read(const Reading *one, const Reading *other)
{
    static const u32 begin = 0;
    size_t scale = (size_t)scale_of(one), shorter = one->count < other->count ? one->count : other->count;
    size_t width = scale * (shorter < SHORT_TOKENS * scale ? SHORT_SHINGLE : SHINGLE);
    Shares found = {0};
    Sharing s = {one->codes, other->codes, one->kinds, other->kinds, one->count, other->count,
                 width < shorter ? width : shorter, {&begin, 1}};
    int same_scale = scale_of(one) == scale_of(other);
    if (same_scale && find_shares(&s, &found) < 0)
        return NULL;
    return Py_BuildValue("nnnnnn", (Py_ssize_t)one->count, (Py_ssize_t)other->count,
                         (Py_ssize_t)(same_scale ? scale : 0), (Py_ssize_t)found.own, (Py_ssize_t)found.shared,
                         (Py_ssize_t)found.original);
}

static PyObject *glance(PyObject *module, PyObject *args)
{
    PyObject *text, *known, *result = NULL;
    Reading *one, *other;
    (void)module;
    if (!PyArg_ParseTuple(args, "UU", &text, &known) || !(one = read_text(text)))
        return NULL;
    if ((other = read_text(known))) {
        result = glance_read(one, other);
        release(other);
    }
    release(one);
    return result;
}

/* Shingles with figures and names masked that hold one, and enough plain words: hashes and where they begin, counted
   from `base`. `words` has room for `count` numbers. Returns how many there are. */
static size_t slot_shingles(const u64 *codes, const u8 *kinds, size_t count, size_t scale, size_t base, u64 *words,
                            u64 *hashes, u32 *begin)
{
    size_t width = SHINGLE * scale, shingles = shingle_count(count, width), kept = 0, plain = 0;
    for (size_t i = 0; i < count; i++) {
        words[i] = kinds[i] == FIGURE ? CODE_FIGURE : kinds[i] == NAME ? CODE_NAME : codes[i];
        plain += i + 1 < width && kinds[i] == WORD;
    }
    hash_runs(words, NULL, count, width, hashes);
    for (size_t i = 0; i < shingles; i++) {
        plain += kinds[i + width - 1] == WORD;
        if (plain >= SLOT_WORDS * scale && plain < width) {
            hashes[kept] = hashes[i];
            begin[kept++] = (u32)(base + i);
        }
        plain -= kinds[i] == WORD;
    }
    return kept;
}

typedef struct {
    Words text, known;
    View parts;
    size_t scale, reach; /* offsets 1…reach lie inside a shingle */
    Groups groups;       /* of the text's slotted shingles */
    u32 *group_at;       /* 1 + group of the shingle that begins at each token of the text, or 0 */
    u8 *consumed;        /* tokens of the wire story that agree with one of the text */
    u64 *words, *hashes;
    u32 *begin, *differing;
} Alignment;

static int find_places(Alignment *a)
{
    size_t kept = slot_shingles(U64S(a->text.codes), U8S(a->text.kinds), a->text.codes.count, a->scale, 0, a->words,
                                a->hashes, a->begin);
    if (open_groups(&a->groups, a->hashes, kept) < 0)
        return -1;
    for (size_t i = 0; i < kept; i++)
        a->group_at[a->begin[i]] = a->groups.group[i] + 1;
    for (size_t i = 0; i < a->parts.count; i++) {
        size_t first = U32S(a->parts)[i], last = part_end(a->parts, i, a->known.codes.count);
        kept = slot_shingles(U64S(a->known.codes) + first, U8S(a->known.kinds) + first, last - first, a->scale, first,
                             a->words, a->hashes, a->begin);
        for (size_t j = 0; j < kept; j++)
            note_place(&a->groups, a->hashes[j], a->begin[j]);
    }
    return 0;
}

/* Tokens of the wire story in the same words as token `index`, ascending and distinct, and in how many shingles they
   are. */
static int aligned_with(const Alignment *a, size_t index, u32 *found, u8 *support)
{
    int count = 0;
    for (size_t offset = 1; offset <= a->reach && offset <= index; offset++) {
        size_t group = a->group_at[index - offset];
        for (size_t i = 0; group && i < a->groups.occupied[group - 1]; i++) {
            u32 place = a->groups.places[(group - 1) * PLACES + i] + (u32)offset;
            int j = count;
            while (j && found[j - 1] > place)
                j--;
            if (j && found[j - 1] == place) {
                support[j - 1]++;
                continue;
            }
            memmove(found + j + 1, found + j, (size_t)(count - j) * sizeof *found);
            memmove(support + j + 1, support + j, (size_t)(count - j));
            found[j] = place;
            support[j] = 1;
            count++;
        }
    }
    return count;
}

/* What differs, beside the place in the most of the same words at which no agreeing token stands. */
static PyObject *left_over(const Alignment *a, const u32 *differing, size_t count)
{
    u32 found[ALIGNED_MOST + 1];
    u8 support[ALIGNED_MOST + 1];
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < count; i++) {
        int places = aligned_with(a, differing[i], found, support), best = -1;
        for (int j = 0; j < places; j++)
            if (!a->consumed[found[j]] && (best < 0 || support[j] > support[best]))
                best = j;
        if (best >= 0 && append_pair(list, differing[i], found[best]) < 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *compare_slots(Alignment *a)
{
    u32 found[ALIGNED_MOST + 1];
    u8 support[ALIGNED_MOST + 1];
    int aligned = 0, agreed = 0, figures_aligned = 0, figures_agreed = 0;
    size_t differ = 0;
    PyObject *left;
    for (size_t index = 0; index < a->text.kinds.count; index++) {
        int count, same = 0, figure = U8S(a->text.kinds)[index] == FIGURE;
        if (U8S(a->text.kinds)[index] == WORD)
            continue;
        if (!(count = aligned_with(a, index, found, support)))
            continue;
        for (int i = 0; i < count; i++)
            if (U64S(a->known.spelled)[found[i]] == U64S(a->text.spelled)[index])
                a->consumed[found[i]] = 1, same = 1;
        aligned++;
        agreed += same;
        figures_aligned += figure;
        figures_agreed += same && figure;
        if (!same)
            a->differing[differ++] = (u32)index;
    }
    left = left_over(a, a->differing, differ);
    return left ? Py_BuildValue("iiiiN", aligned, agreed, figures_aligned, figures_agreed, left) : NULL;
}

static PyObject *agreement(PyObject *module, PyObject *args)
{
    PyObject *text[3], *known[3], *parts, *result = NULL;
    Alignment a = {0};
    size_t mine, theirs, more;
    int scale;
    (void)module;
    if (!PyArg_ParseTuple(args, "(SSS)(SSS)Si", &text[0], &text[1], &text[2], &known[0], &known[1], &known[2], &parts,
                          &scale) ||
        check_scale(scale) < 0 || view_words(text, &a.text) < 0 || view_words(known, &a.known) < 0 ||
        view_of(parts, 4, &a.parts) < 0 || check_parts(a.parts, a.known.codes.count) < 0)
        return NULL;
    a.scale = (size_t)scale;
    a.reach = SHINGLE * a.scale - 2;
    mine = a.text.codes.count;
    theirs = a.known.codes.count;
    more = mine > theirs ? mine : theirs;
    a.words = allocate_raw(2 * more, sizeof *a.words);
    a.begin = allocate_raw(more + mine, sizeof *a.begin);
    a.group_at = allocate(mine, sizeof *a.group_at);
    a.consumed = allocate(theirs, 1);
    if (a.words && a.begin && a.group_at && a.consumed) {
        a.hashes = a.words + more;
        a.differing = a.begin + more;
        if (find_places(&a) == 0)
            result = compare_slots(&a);
        close_groups(&a.groups);
    }
    free(a.consumed);
    free(a.group_at);
    free(a.begin);
    free(a.words);
    return result;
}

/* As many words of a text, from `at` on, as the wire story has from `place` on. */
typedef struct {
    u32 at, place, length;
} Tile;

typedef struct {
    View spelled, known;
    Groups groups; /* of the text's runs */
    size_t width;
    u64 *hashes; /* of every run of the one, then of the other */
    Tile *tiles;
    u8 *taken, *marks;
} Tiling;

/* The longest run that the wire story has from `at` on; of equal ones that which goes on after `after`. */
static void longest(const Tiling *t, size_t at, u64 after, Tile *best)
{
    size_t group = t->groups.group[at];
    int best_near = 0;
    best->length = 0;
    for (size_t i = 0; i < t->groups.occupied[group]; i++) {
        u64 place = t->groups.places[group * PLACES + i];
        size_t length = t->width;
        int near = place >= after && place < after + NEAR;
        while (at + length < t->spelled.count && place + length < t->known.count &&
               U64S(t->spelled)[at + length] == U64S(t->known)[place + length])
            length++;
        if (length > best->length || (length == best->length && near > best_near)) {
            *best = (Tile){(u32)at, (u32)place, (u32)length};
            best_near = near;
        }
    }
}

/* Returns how many there are. */
static size_t lay_tiles(Tiling *t, size_t runs)
{
    u64 after = 0;
    size_t count = 0;
    for (size_t at = 0; at < runs;) {
        Tile *tile = t->tiles + count;
        longest(t, at, after, tile);
        if (!tile->length) {
            at++;
            continue;
        }
        at += tile->length;
        after = (u64)tile->place + tile->length;
        count++;
    }
    return count;
}

static void mark_tile(Tiling *t, const Tile *tile)
{
    memset(t->marks + tile->at, 1, tile->length);
    memset(t->taken + tile->place, 1, tile->length);
}

static void mark_tiles(Tiling *t, size_t count)
{
    size_t whole = t->width * WHOLE_THIRDS / 3;
    if (!count) /* then no width is too great to count down from */
        return;
    for (size_t i = 0; i < count; i++)
        if (t->tiles[i].length >= whole)
            mark_tile(t, t->tiles + i);
    for (size_t length = whole; length-- > t->width;)
        for (size_t i = 0; i < count; i++) {
            size_t used = 0;
            if (t->tiles[i].length != length)
                continue;
            for (size_t j = 0; j < length; j++)
                used += t->taken[t->tiles[i].place + j];
            if (2 * used < length)
                mark_tile(t, t->tiles + i);
        }
}

static int find_runs(Tiling *t, size_t runs, size_t known_runs)
{
    hash_runs(U64S(t->spelled), NULL, t->spelled.count, t->width, t->hashes);
    if (open_groups(&t->groups, t->hashes, runs) < 0)
        return -1;
    hash_runs(U64S(t->known), NULL, t->known.count, t->width, t->hashes);
    for (size_t i = 0; i < known_runs; i++)
        note_place(&t->groups, t->hashes[i], i);
    return 0;
}

static PyObject *covered(PyObject *module, PyObject *args)
{
    PyObject *spelled, *known, *result = NULL;
    Tiling t = {0};
    Py_ssize_t width;
    size_t runs, known_runs;
    (void)module;
    if (!PyArg_ParseTuple(args, "SnS", &spelled, &width, &known) || view_of(spelled, 8, &t.spelled) < 0 ||
        view_of(known, 8, &t.known) < 0)
        return NULL;
    if (width < 1) {
        inconsistent();
        return NULL;
    }
    t.width = (size_t)width;
    runs = shingle_count(t.spelled.count, t.width);
    known_runs = shingle_count(t.known.count, t.width);
    t.hashes = allocate_raw(runs > known_runs ? runs : known_runs, sizeof *t.hashes);
    t.tiles = allocate_raw(runs / t.width + 1, sizeof *t.tiles);
    t.taken = allocate(t.known.count, 1);
    t.marks = allocate(t.spelled.count, 1);
    if (t.hashes && t.tiles && t.taken && t.marks) {
        if (find_runs(&t, runs, known_runs) == 0) {
            mark_tiles(&t, lay_tiles(&t, runs));
            result = packed(t.marks, t.spelled.count, 1);
        }
        close_groups(&t.groups);
    }
    free(t.marks);
    free(t.taken);
    free(t.tiles);
    free(t.hashes);
    return result;
}

static PyObject *stretch_list(View marks, View starts, View ends, Py_ssize_t most)
{
    PyObject *list = PyList_New(0), *tuple;
    size_t first = 0, last;
    for (; list && PyList_Size(list) < most; first = last) {
        while (first < marks.count && !U8S(marks)[first])
            first++;
        if (first == marks.count)
            break;
        for (last = first; last < marks.count && U8S(marks)[last]; last++)
            ;
        if (append_pair(list, U32S(starts)[first], U32S(ends)[last - 1]) < 0)
            Py_CLEAR(list);
    }
    tuple = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}

static PyObject *stretches(PyObject *module, PyObject *args)
{
    PyObject *marks_object, *starts_object, *ends_object;
    View marks, starts, ends;
    Py_ssize_t most;
    (void)module;
    if (!PyArg_ParseTuple(args, "SSSn", &marks_object, &starts_object, &ends_object, &most) ||
        view_of(marks_object, 1, &marks) < 0 || view_of(starts_object, 4, &starts) < 0 ||
        view_of(ends_object, 4, &ends) < 0)
        return NULL;
    if (marks.count != starts.count || marks.count != ends.count) {
        inconsistent();
        return NULL;
    }
    return stretch_list(marks, starts, ends, most);
}

/* pure.is_novel */
static int is_novel(const u8 *marks, size_t count, size_t scale)
{
    size_t missing = 0, run = 0;
    for (size_t i = 0; i < count; i++)
        missing += !marks[i];
    if (missing < NOVEL_LEAST * scale)
        return 0;
    if (5 * missing >= NOVEL_FIFTHS * count)
        return 1;
    for (size_t i = 0; i < count; i++) {
        run = marks[i] ? 0 : run + 1;
        if (run >= NOVEL_RUN * scale)
            return 1;
    }
    return 0;
}

static PyObject *unreached(PyObject *module, PyObject *args)
{
    PyObject *marks_object, *sentences_object, *list;
    View marks, sentences;
    int scale;
    (void)module;
    if (!PyArg_ParseTuple(args, "SSi", &marks_object, &sentences_object, &scale) || check_scale(scale) < 0 ||
        view_of(marks_object, 1, &marks) < 0 || view_of(sentences_object, 4, &sentences) < 0 ||
        check_sentences(sentences, marks.count) < 0)
        return NULL;
    list = PyList_New(0);
    for (size_t i = 0; list && i < sentences.count; i++) {
        size_t first = U32S(sentences)[i], last = sentence_end(sentences, i, marks.count);
        if (is_novel(U8S(marks) + first, last - first, (size_t)scale) && append_pair(list, first, last) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* Of pairs with one key the last, which is how a dict is filled; returns how many are left. */
static size_t last_of_each(Pair *pairs, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || pairs[i + 1].key != pairs[i].key)
            pairs[kept++] = pairs[i];
    return kept;
}

static PyObject *unzipped(const Pair *pairs, size_t count, PyObject **values)
{
    PyObject *keys = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(u64)));
    *values = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(u32)));
    if (!keys || !*values) {
        Py_CLEAR(keys);
        Py_CLEAR(*values);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(PyBytes_AsString(keys) + i * sizeof(u64), &pairs[i].key, sizeof(u64));
        memcpy(PyBytes_AsString(*values) + i * sizeof(u32), &pairs[i].value, sizeof(u32));
    }
    return keys;
}

typedef struct {
    View codes, sentences;
    u64 *words;
    u32 *counts, *ranks;
    Pair *pairs;
} WordList;

static PyObject *list_words(WordList *w)
{
    size_t total = w->codes.count, words, pairs = 0;
    PyObject *keys, *values;
    Lookup lookup;
    for (size_t i = 0; i < total; i++)
        w->words[i] = mix(U64S(w->codes)[i]);
    if (sort_numbers(w->words, total) < 0)
        return NULL;
    words = distinct(w->words, total);
    if (open_lookup(&lookup, w->words, words, total) < 0)
        return NULL;
    for (size_t i = 0; i < total; i++) {
        w->ranks[i] = (u32)look_up(&lookup, mix(U64S(w->codes)[i]));
        w->counts[w->ranks[i]]++;
    }
    close_lookup(&lookup);
    for (size_t i = 0; i < w->sentences.count; i++) {
        size_t last = sentence_end(w->sentences, i, total);
        for (size_t at = U32S(w->sentences)[i]; at + 1 < last; at++)
            w->pairs[pairs++] = (Pair){mix((u64)w->ranks[at] << 32 | w->ranks[at + 1]), (u32)i};
    }
    if (sort_pairs(w->pairs, pairs) < 0)
        return NULL;
    if (!(keys = unzipped(w->pairs, last_of_each(w->pairs, pairs), &values)))
        return NULL;
    return Py_BuildValue("NNNNN", packed(w->words, words, sizeof(u64)), packed(w->counts, words, sizeof(u32)),
                         packed(w->ranks, total, sizeof(u32)), keys, values);
}

static PyObject *lexicon(PyObject *module, PyObject *args)
{
    PyObject *codes, *sentences, *result = NULL;
    WordList w = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "SS", &codes, &sentences) || view_of(codes, 8, &w.codes) < 0 ||
        view_of(sentences, 4, &w.sentences) < 0 || check_sentences(w.sentences, w.codes.count) < 0)
        return NULL;
    w.words = allocate_raw(w.codes.count, sizeof *w.words);
    w.counts = allocate(w.codes.count, sizeof *w.counts);
    w.ranks = allocate_raw(w.codes.count, sizeof *w.ranks);
    w.pairs = allocate_raw(w.codes.count, sizeof *w.pairs);
    if (w.words && w.counts && w.ranks && w.pairs)
        result = list_words(&w);
    free(w.words);
    free(w.counts);
    free(w.ranks);
    free(w.pairs);
    return result;
}

enum { UNKNOWN = -1 };

/* A wire story's words, and a text beside it. All arrays are `words` long unless told. */
typedef struct {
    View spelled, marks, words, counts, ranks, keys, at, sentences;
    Lookup known, pairs;
    int32_t *mine;   /* rank of each token of the text, or UNKNOWN */
    int32_t *unused; /* how often the wire story has a word more often than the text's covered ones */
    int32_t *left;   /* the same within one sentence; zero between two uses */
    int32_t *votes;  /* one a sentence; zero between two uses */
    u8 *marked;      /* one a token of the text */
} Retelling;

static int check_retelling(const Retelling *r)
{
    if (r->spelled.count != r->marks.count || r->words.count != r->counts.count || r->keys.count != r->at.count ||
        check_sentences(r->sentences, r->ranks.count) < 0)
        return inconsistent();
    for (size_t i = 0; i < r->ranks.count; i++)
        if (U32S(r->ranks)[i] >= r->words.count)
            return inconsistent();
    for (size_t i = 0; i < r->at.count; i++)
        if (U32S(r->at)[i] >= r->sentences.count)
            return inconsistent();
    return 0;
}

static void rank_words(Retelling *r)
{
    for (size_t i = 0; i < r->words.count; i++)
        r->unused[i] = (int32_t)U32S(r->counts)[i];
    for (size_t i = 0; i < r->spelled.count; i++) {
        u64 code = mix(U64S(r->spelled)[i]);
        size_t rank = look_up(&r->known, code);
        int known = rank < r->words.count;
        r->mine[i] = known ? (int32_t)rank : UNKNOWN;
        if (known && U8S(r->marks)[i])
            r->unused[rank]--;
    }
}

/* Place of the two words that begin at token `at` of the text among the wire story's, or -1. */
static int64_t pair_at(const Retelling *r, size_t at)
{
    u64 key;
    size_t place;
    if (r->mine[at] == UNKNOWN || r->mine[at + 1] == UNKNOWN)
        return -1;
    key = mix((u64)(u32)r->mine[at] << 32 | (u32)r->mine[at + 1]);
    place = look_up(&r->pairs, key);
    return place < r->keys.count ? (int64_t)place : -1;
}

/* The sentence with which the span shares most pairs, the first met of equals, or -1. */
static int64_t nearest_sentence(Retelling *r, size_t first, size_t last)
{
    int64_t best = -1;
    int32_t most = 0;
    for (int passes = 0; passes < 3; passes++) /* count; find the first of the greatest; clear */
        for (size_t at = first; at + 1 < last; at++) {
            int64_t pair = pair_at(r, at);
            u32 sentence;
            if (pair < 0)
                continue;
            sentence = U32S(r->at)[pair];
            if (passes == 0)
                r->votes[sentence]++;
            else if (passes == 1 && r->votes[sentence] > most)
                best = sentence, most = r->votes[sentence];
            else if (passes == 2)
                r->votes[sentence] = 0;
        }
    return best;
}

static int is_new(Retelling *r, size_t first, size_t last, size_t scale)
{
    int64_t sentence = nearest_sentence(r, first, last);
    size_t old_first, old_last;
    if (sentence < 0)
        return is_novel(U8S(r->marks) + first, last - first, scale);
    old_first = U32S(r->sentences)[sentence];
    old_last = sentence_end(r->sentences, (size_t)sentence, r->ranks.count);
    for (size_t i = old_first; i < old_last; i++)
        r->left[U32S(r->ranks)[i]]++;
    for (size_t i = first; i < last; i++)
        if (r->mine[i] != UNKNOWN && U8S(r->marks)[i])
            r->left[r->mine[i]]--;
    for (size_t i = first; i < last; i++) {
        int32_t rank = r->mine[i];
        r->marked[i] = U8S(r->marks)[i] || (rank != UNKNOWN && r->left[rank] > 0 && r->unused[rank] > 0);
        if (rank != UNKNOWN && !U8S(r->marks)[i])
            r->left[rank]--;
    }
    for (size_t i = old_first; i < old_last; i++)
        r->left[U32S(r->ranks)[i]] = 0;
    for (size_t i = first; i < last; i++)
        if (r->mine[i] != UNKNOWN)
            r->left[r->mine[i]] = 0;
    return is_novel(r->marked + first, last - first, scale);
}

static PyObject *judge(Retelling *r, PyObject *asked, int scale)
{
    Py_ssize_t count = PyList_Size(asked);
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *span = PyList_GetItem(asked, i), *verdict;
        Py_ssize_t first, last;
        if (!span || !PyArg_ParseTuple(span, "nn", &first, &last)) {
            Py_CLEAR(list);
        } else if (first < 0 || first > last || (size_t)last > r->spelled.count) {
            inconsistent();
            Py_CLEAR(list);
        } else {
            verdict = PyBool_FromLong(is_new(r, (size_t)first, (size_t)last, (size_t)scale));
            if (PyList_Append(list, verdict) < 0)
                Py_CLEAR(list);
            Py_DECREF(verdict);
        }
    }
    return list;
}

static PyObject *retold(PyObject *module, PyObject *args)
{
    PyObject *spelled, *marks, *asked, *words, *counts, *ranks, *keys, *at, *sentences, *result = NULL;
    Retelling r = {0};
    int scale;
    (void)module;
    if (!PyArg_ParseTuple(args, "SSO(SSSSS)Si", &spelled, &marks, &asked, &words, &counts, &ranks, &keys, &at,
                          &sentences, &scale) ||
        check_scale(scale) < 0 || view_of(spelled, 8, &r.spelled) < 0 || view_of(marks, 1, &r.marks) < 0 ||
        view_of(words, 8, &r.words) < 0 || view_of(counts, 4, &r.counts) < 0 || view_of(ranks, 4, &r.ranks) < 0 ||
        view_of(keys, 8, &r.keys) < 0 || view_of(at, 4, &r.at) < 0 || view_of(sentences, 4, &r.sentences) < 0 ||
        check_retelling(&r) < 0)
        return NULL;
    if (!PyList_Check(asked)) {
        PyErr_SetString(PyExc_TypeError, "spans come as a list");
        return NULL;
    }
    r.mine = allocate_raw(r.spelled.count, sizeof *r.mine);
    r.unused = allocate_raw(r.words.count, sizeof *r.unused);
    r.left = allocate(r.words.count, sizeof *r.left);
    r.votes = allocate(r.sentences.count, sizeof *r.votes);
    r.marked = allocate_raw(r.spelled.count, 1);
    if (r.mine && r.unused && r.left && r.votes && r.marked &&
        open_lookup(&r.known, U64S(r.words), r.words.count, r.spelled.count) == 0 &&
        open_lookup(&r.pairs, U64S(r.keys), r.keys.count, r.spelled.count) == 0) {
        rank_words(&r);
        result = judge(&r, asked, scale);
    }
    close_lookup(&r.pairs);
    close_lookup(&r.known);
    free(r.mine);
    free(r.unused);
    free(r.left);
    free(r.votes);
    free(r.marked);
    return result;
}

#endif
