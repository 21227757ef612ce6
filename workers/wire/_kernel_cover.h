/* What of a text a wire story has, and what is new: tiles.py and pure.py. */
#ifndef CLAIMWIRE_KERNEL_COVER_H
#define CLAIMWIRE_KERNEL_COVER_H

#include "_kernel_groups.h"
#include "_kernel_texts.h"

enum { COVER = 3, NOVEL_LEAST = 3, NOVEL_RUN = 8, NOVEL_FIFTHS = 3 };
enum { WHOLE_THIRDS = 8, NEAR = 40 };

/* As many words of a text, from `at` on, as the wire story has from `place` on. */
typedef struct {
    u32 at, place, length;
} Tile;

typedef struct {
    const Reading *text;
    Texts known;
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
        while (at + length < t->text->count && place + length < t->known.count &&
               t->text->spelled[at + length] == t->known.spelled[place + length])
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
    hash_runs(t->text->spelled, NULL, t->text->count, t->width, t->hashes);
    if (open_groups(&t->groups, t->hashes, runs) < 0 || open_places(&t->groups) < 0)
        return -1;
    hash_runs(t->known.spelled, NULL, t->known.count, t->width, t->hashes);
    for (size_t i = 0; i < known_runs; i++)
        note_place(&t->groups, t->hashes[i], i);
    return 0;
}

/* The stretches of marked words, at most so many, in code points. */
static PyObject *stretches(const Reading *text, const u8 *marks, Py_ssize_t most)
{
    PyObject *list = PyList_New(0), *tuple;
    size_t first = 0, last;
    for (; list && PyList_Size(list) < most; first = last) {
        while (first < text->count && !marks[first])
            first++;
        if (first == text->count)
            break;
        for (last = first; last < text->count && marks[last]; last++)
            ;
        if (append_pair(list, text->starts[first], text->ends[last - 1]) < 0)
            Py_CLEAR(list);
    }
    tuple = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
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

/* The sentences that the cover does not reach. */
static PyObject *unreached(const Reading *text, const u8 *marks)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < text->sentence_count; i++) {
        size_t first = text->sentences[i], last = i + 1 < text->sentence_count ? text->sentences[i + 1] : text->count;
        if (is_novel(marks + first, last - first, (size_t)text->scale) && append_pair(list, first, last) < 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *told(const Tiling *t, Py_ssize_t most)
{
    PyObject *marks = packed(t->marks, t->text->count, 1), *loose = unreached(t->text, t->marks);
    PyObject *found = stretches(t->text, t->marks, most);
    if (marks && loose && found)
        return Py_BuildValue("NNN", marks, loose, found);
    Py_XDECREF(marks);
    Py_XDECREF(loose);
    Py_XDECREF(found);
    return NULL;
}

static PyObject *lay(Tiling *t, Py_ssize_t most)
{
    size_t runs, known_runs;
    PyObject *result = NULL;
    t->width = COVER * t->known.scale;
    runs = shingle_count(t->text->count, t->width);
    known_runs = shingle_count(t->known.count, t->width);
    t->hashes = allocate_raw(runs > known_runs ? runs : known_runs, sizeof *t->hashes);
    t->tiles = allocate_raw(runs / t->width + 1, sizeof *t->tiles);
    t->taken = allocate(t->known.count, 1);
    t->marks = allocate(t->text->count, 1);
    if (t->hashes && t->tiles && t->taken && t->marks) {
        if (find_runs(t, runs, known_runs) == 0) {
            mark_tiles(t, lay_tiles(t, runs));
            result = told(t, most);
        }
        close_groups(&t->groups);
    }
    free(t->marks);
    free(t->taken);
    free(t->tiles);
    free(t->hashes);
    return result;
}

static PyObject *cover(PyObject *module, PyObject *args)
{
    PyObject *text, *parts, *result = NULL;
    Reading *reading;
    Tiling t = {0};
    Py_ssize_t most;
    (void)module;
    if (!PyArg_ParseTuple(args, "UOn", &text, &parts, &most) || !(reading = read_text(text)))
        return NULL;
    t.text = reading;
    if (open_texts(&t.known, parts) == 0) {
        result = lay(&t, most);
        close_texts(&t.known);
    }
    release(reading);
    return result;
}

enum { UNKNOWN = -1 };

/* A wire story's words, and a text beside it. */
typedef struct {
    const Reading *text;
    Texts known;
    const u8 *marks;
    Groups words, pairs; /* the wire story's words, and two of them in a row within a sentence, as numbers of words */
    u32 *at;             /* the last sentence that has a pair */
    int32_t *mine;       /* number of each word of the text, or UNKNOWN */
    int32_t *unused;     /* how often the wire story has a word more often than the text's covered ones */
    int32_t *left;       /* the same within one sentence; zero between two uses */
    int32_t *votes;      /* one a sentence; zero between two uses */
    u8 *marked;          /* one a word of the text */
} Retelling;

static size_t sentence_end(const Texts *texts, size_t number)
{
    return number + 1 < texts->sentence_count ? texts->sentences[number + 1] : texts->count;
}

static u64 pair_of(size_t one, size_t other)
{
    return (u64)one << 32 | other;
}

static int list_pairs(Retelling *r, u64 *pairs, u32 *sentences)
{
    const u32 *word = r->words.group;
    size_t count = 0;
    for (size_t i = 0; i < r->known.sentence_count; i++) {
        size_t last = sentence_end(&r->known, i);
        for (size_t at = r->known.sentences[i]; at + 1 < last; at++) {
            pairs[count] = pair_of(word[at], word[at + 1]);
            sentences[count++] = (u32)i;
        }
    }
    if (open_groups(&r->pairs, pairs, count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        r->at[r->pairs.group[i]] = sentences[i];
    return 0;
}

static int list_words(Retelling *r)
{
    size_t count = r->known.count;
    u64 *pairs = allocate(count, sizeof *pairs);
    u32 *sentences = allocate(count, sizeof *sentences);
    int failed = !pairs || !sentences || open_groups(&r->words, r->known.spelled, count) || list_pairs(r, pairs, sentences);
    free(sentences);
    free(pairs);
    return failed ? -1 : 0;
}

static void number_words(Retelling *r)
{
    for (size_t i = 0; i < r->known.count; i++)
        r->unused[r->words.group[i]]++;
    for (size_t i = 0; i < r->text->count; i++) {
        size_t word = group_of(&r->words, r->text->spelled[i]);
        r->mine[i] = word == SIZE_MAX ? UNKNOWN : (int32_t)word;
        if (word != SIZE_MAX && r->marks[i])
            r->unused[word]--;
    }
}

/* Which of the wire story's pairs the two words are that begin at word `at` of the text, or SIZE_MAX. */
static size_t pair_at(const Retelling *r, size_t at)
{
    if (r->mine[at] == UNKNOWN || r->mine[at + 1] == UNKNOWN)
        return SIZE_MAX;
    return group_of(&r->pairs, pair_of((size_t)r->mine[at], (size_t)r->mine[at + 1]));
}

/* The sentence with which the span shares most pairs, the first met of equals, or SIZE_MAX. */
static size_t nearest_sentence(Retelling *r, size_t first, size_t last)
{
    size_t best = SIZE_MAX;
    int32_t most = 0;
    for (int passes = 0; passes < 3; passes++) /* count; find the first of the greatest; clear */
        for (size_t at = first; at + 1 < last; at++) {
            size_t pair = pair_at(r, at);
            u32 sentence;
            if (pair == SIZE_MAX)
                continue;
            sentence = r->at[pair];
            if (passes == 0)
                r->votes[sentence]++;
            else if (passes == 1 && r->votes[sentence] > most)
                best = sentence, most = r->votes[sentence];
            else if (passes == 2)
                r->votes[sentence] = 0;
        }
    return best;
}

static int is_new(Retelling *r, size_t first, size_t last)
{
    size_t sentence = nearest_sentence(r, first, last), old_first, old_last, scale = (size_t)r->text->scale;
    if (sentence == SIZE_MAX)
        return is_novel(r->marks + first, last - first, scale);
    old_first = r->known.sentences[sentence];
    old_last = sentence_end(&r->known, sentence);
    for (size_t i = old_first; i < old_last; i++)
        r->left[r->words.group[i]]++;
    for (size_t i = first; i < last; i++)
        if (r->mine[i] != UNKNOWN && r->marks[i])
            r->left[r->mine[i]]--;
    for (size_t i = first; i < last; i++) {
        int32_t word = r->mine[i];
        r->marked[i] = r->marks[i] || (word != UNKNOWN && r->left[word] > 0 && r->unused[word] > 0);
        if (word != UNKNOWN && !r->marks[i])
            r->left[word]--;
    }
    for (size_t i = old_first; i < old_last; i++)
        r->left[r->words.group[i]] = 0;
    for (size_t i = first; i < last; i++)
        if (r->mine[i] != UNKNOWN)
            r->left[r->mine[i]] = 0;
    return is_novel(r->marked + first, last - first, scale);
}

static PyObject *judge(Retelling *r, PyObject *asked)
{
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list && i < PyList_Size(asked); i++) {
        PyObject *span = Py_NewRef(PyList_GetItem(asked, i)), *verdict;
        Py_ssize_t first, last;
        if (!PyTuple_Check(span) || !PyArg_ParseTuple(span, "nn", &first, &last)) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a span is a tuple");
            Py_CLEAR(list);
        } else if (first < 0 || first > last || (size_t)last > r->text->count) {
            inconsistent();
            Py_CLEAR(list);
        } else {
            verdict = PyBool_FromLong(is_new(r, (size_t)first, (size_t)last));
            if (PyList_Append(list, verdict) < 0)
                Py_CLEAR(list);
            Py_DECREF(verdict);
        }
        Py_DECREF(span);
    }
    return list;
}

static PyObject *retell(Retelling *r, PyObject *asked)
{
    size_t mine = r->text->count, theirs = r->known.count;
    PyObject *result = NULL;
    r->at = allocate_raw(theirs, sizeof *r->at);
    r->mine = allocate_raw(mine, sizeof *r->mine);
    r->unused = allocate(theirs, sizeof *r->unused);
    r->left = allocate(theirs, sizeof *r->left);
    r->votes = allocate(r->known.sentence_count, sizeof *r->votes);
    r->marked = allocate_raw(mine, 1);
    if (r->at && r->mine && r->unused && r->left && r->votes && r->marked && list_words(r) == 0) {
        number_words(r);
        result = judge(r, asked);
    }
    close_groups(&r->words);
    close_groups(&r->pairs);
    free(r->at);
    free(r->mine);
    free(r->unused);
    free(r->left);
    free(r->votes);
    free(r->marked);
    return result;
}

static PyObject *retold(PyObject *module, PyObject *args)
{
    PyObject *text, *parts, *marks_object, *asked, *result = NULL;
    Reading *reading;
    Retelling r = {0};
    View marks;
    (void)module;
    if (!PyArg_ParseTuple(args, "UOSO!", &text, &parts, &marks_object, &PyList_Type, &asked) ||
        view_of(marks_object, 1, &marks) < 0 || !(reading = read_text(text)))
        return NULL;
    r.text = reading;
    r.marks = U8S(marks);
    if (marks.count != reading->count) {
        inconsistent();
    } else if (open_texts(&r.known, parts) == 0) {
        result = retell(&r, asked);
        close_texts(&r.known);
    }
    release(reading);
    return result;
}

#endif
