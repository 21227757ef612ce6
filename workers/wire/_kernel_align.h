/* Which words of a text and of a wire story belong together: alignment.py. */
#ifndef CLAIMWIRE_KERNEL_ALIGN_H
#define CLAIMWIRE_KERNEL_ALIGN_H

#include "_kernel_groups.h"
#include "_kernel_sketch.h"
#include "_kernel_texts.h"

enum { SLOT_WORDS = 2, TINY = 6, MIN_SHARED = 12 };
#define MIN_CONTAINMENT 0.3
#define SHORT_CONTAINMENT 0.7
#define BRIEF_CONTAINMENT 0.5
enum { ALIGNED_MOST = (SHINGLE * MAX_SCALE - 2) * PLACES };

/* A text and its shingles of one width, figures masked, beside which wire stories are laid one after another. */
typedef struct {
    const Reading *text;
    size_t width;
    Groups groups; /* of the text's shingles */
    u8 *seen;      /* which of them the wire story has; `count` of the text, zero between two wire stories */
    u64 *hashes;   /* room for those of the text, or of a part of the wire story */
    size_t room;
} Sharing;

/* Different shingles of the text that the wire story has, of its first part, of both of these. */
typedef struct {
    size_t shared, original, both;
} Shares;

static int make_room(Sharing *s, size_t count)
{
    u64 *made;
    if (count <= s->room)
        return 0;
    if (!(made = allocate_raw(count, sizeof *made)))
        return -1;
    free(s->hashes);
    s->hashes = made;
    s->room = count;
    return 0;
}

/* The text's shingles of another width than the last. */
static int widen(Sharing *s, size_t width)
{
    size_t count = shingle_count(s->text->count, width);
    if (s->groups.block && s->width == width)
        return 0;
    close_groups(&s->groups);
    s->width = width;
    if (make_room(s, count) < 0)
        return -1;
    hash_runs(s->text->codes, s->text->kinds, s->text->count, width, s->hashes);
    return open_groups(&s->groups, s->hashes, count);
}

static int count_shares(Sharing *s, const Texts *known, Shares *found)
{
    int failed = 0;
    memset(s->seen, 0, s->groups.count);
    for (size_t i = 0; i < known->part_count && !failed; i++) {
        size_t first = known->begin[i], words = part_end(known, i) - first;
        size_t count = shingle_count(words, s->width);
        hash_runs(known->codes + first, known->kinds + first, words, s->width, s->hashes);
        for (size_t j = 0; j < count; j++) {
            size_t group = group_of(&s->groups, s->hashes[j]);
            if (group != SIZE_MAX && !s->seen[group])
                s->seen[group] = 1, found->shared++;
        }
        if (!i) {
            found->both = found->shared;
            failed = count_distinct(s->hashes, count, &found->original);
        }
    }
    return failed;
}

static PyObject *weighed(const Sharing *s, const Texts *known, const Shares *found, int is_short)
{
    size_t own = s->groups.count, most = own > found->original ? own : found->original;
    size_t least = is_short ? 1 : MIN_SHARED;
    double whole = found->original ? (double)found->both / (double)found->original : 0.0, containment;
    if (!found->shared || found->shared < (least < most ? least : most))
        Py_RETURN_NONE; /* two texts that say one thing over and over have no more than that */
    containment = (double)found->shared / (double)own;
    containment = containment > whole ? containment : whole;
    if (containment < (!is_short ? MIN_CONTAINMENT : found->shared < MIN_SHARED ? SHORT_CONTAINMENT : BRIEF_CONTAINMENT))
        Py_RETURN_NONE;
    return Py_BuildValue("nnnndd", (Py_ssize_t)s->text->count, (Py_ssize_t)known->original, (Py_ssize_t)known->scale,
                         (Py_ssize_t)found->shared, containment, whole);
}

static PyObject *weigh(Sharing *s, const Texts *known)
{
    size_t mine = s->text->count, theirs = known->original, scale = known->scale;
    size_t shorter = mine < theirs ? mine : theirs, longer = mine < theirs ? theirs : mine, width;
    int is_short = shorter < SHORT_TOKENS * scale;
    Shares found = {0};
    if ((size_t)s->text->scale != scale || (shorter < TINY * scale && 2 * shorter < longer))
        Py_RETURN_NONE;
    width = scale * (is_short ? SHORT_SHINGLE : SHINGLE);
    if (make_room(s, known->count) < 0 || widen(s, width < shorter ? width : shorter) < 0 ||
        count_shares(s, known, &found) < 0)
        return NULL;
    return weighed(s, known, &found, is_short);
}

/* What a text shares with a wire story, as a tuple, or None. */
static PyObject *shared_with(Sharing *s, PyObject *parts)
{
    Texts known;
    PyObject *result;
    if (open_texts(&known, parts) < 0)
        return NULL;
    result = weigh(s, &known);
    close_texts(&known);
    return result;
}

static PyObject *all_shared(Sharing *s, PyObject *stories)
{
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list && i < PyList_Size(stories); i++) {
        PyObject *parts = Py_NewRef(PyList_GetItem(stories, i)), *shares = shared_with(s, parts);
        if (!shares || PyList_Append(list, shares) < 0)
            Py_CLEAR(list);
        Py_XDECREF(shares);
        Py_DECREF(parts);
    }
    return list;
}

static PyObject *alike(PyObject *module, PyObject *args)
{
    PyObject *text, *stories, *result = NULL;
    Reading *reading;
    Sharing s = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "UO!", &text, &PyList_Type, &stories) || !(reading = read_text(text)))
        return NULL;
    s.text = reading;
    if ((s.seen = allocate_raw(reading->count, 1)))
        result = all_shared(&s, stories);
    close_groups(&s.groups);
    free(s.hashes);
    free(s.seen);
    release(reading);
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
    const Reading *text;
    Texts known;
    size_t scale, reach; /* offsets 1…reach lie inside a shingle */
    Groups groups;       /* of the text's slotted shingles */
    u32 *group_at;       /* 1 + group of the shingle that begins at each token of the text, or 0 */
    u8 *consumed;        /* tokens of the wire story that agree with one of the text */
    u64 *words, *hashes;
    u32 *begin, *differing;
} Alignment;

static int find_places(Alignment *a)
{
    size_t kept = slot_shingles(a->text->codes, a->text->kinds, a->text->count, a->scale, 0, a->words, a->hashes,
                                a->begin);
    if (open_groups(&a->groups, a->hashes, kept) < 0 || open_places(&a->groups) < 0)
        return -1;
    for (size_t i = 0; i < kept; i++)
        a->group_at[a->begin[i]] = a->groups.group[i] + 1;
    for (size_t i = 0; i < a->known.part_count; i++) {
        size_t first = a->known.begin[i], last = part_end(&a->known, i);
        kept = slot_shingles(a->known.codes + first, a->known.kinds + first, last - first, a->scale, first, a->words,
                             a->hashes, a->begin);
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
    size_t differ = 0, mine = a->text->count;
    int identical = mine == a->known.original && !memcmp(a->text->codes, a->known.codes, mine * sizeof(u64));
    PyObject *left;
    for (size_t index = 0; index < a->text->count; index++) {
        int count, same = 0, figure = a->text->kinds[index] == FIGURE;
        if (a->text->kinds[index] == WORD)
            continue;
        if (!(count = aligned_with(a, index, found, support)))
            continue;
        for (int i = 0; i < count; i++)
            if (a->known.spelled[found[i]] == a->text->spelled[index])
                a->consumed[found[i]] = 1, same = 1;
        aligned++;
        agreed += same;
        figures_aligned += figure;
        figures_agreed += same && figure;
        if (!same)
            a->differing[differ++] = (u32)index;
    }
    left = left_over(a, a->differing, differ);
    if (!left)
        return NULL;
    return Py_BuildValue("NiiiiN", PyBool_FromLong(identical), aligned, agreed, figures_aligned, figures_agreed, left);
}

static PyObject *align(Alignment *a)
{
    size_t mine = a->text->count, theirs = a->known.count, more = mine > theirs ? mine : theirs;
    PyObject *result = NULL;
    a->scale = a->known.scale;
    a->reach = SHINGLE * a->scale - 2;
    a->words = allocate_raw(2 * more, sizeof *a->words);
    a->begin = allocate_raw(more + mine, sizeof *a->begin);
    a->group_at = allocate(mine, sizeof *a->group_at);
    a->consumed = allocate(theirs, 1);
    if (a->words && a->begin && a->group_at && a->consumed) {
        a->hashes = a->words + more;
        a->differing = a->begin + more;
        if (find_places(a) == 0)
            result = compare_slots(a);
        close_groups(&a->groups);
    }
    free(a->consumed);
    free(a->group_at);
    free(a->begin);
    free(a->words);
    return result;
}

static PyObject *agreement(PyObject *module, PyObject *args)
{
    PyObject *text, *parts, *result = NULL;
    Reading *reading;
    Alignment a = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "UO", &text, &parts) || !(reading = read_text(text)))
        return NULL;
    a.text = reading;
    if (open_texts(&a.known, parts) == 0) {
        result = align(&a);
        close_texts(&a.known);
    }
    release(reading);
    return result;
}

#endif
