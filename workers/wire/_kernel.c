/* The compiled kernel of the wire room: what pure.py does, bit for bit, some fifty times faster.

   C11 and the stable interface of Python 3.11 alone. Functions take and give packed numbers (bytes objects), keep no
   state but tables of Unicode classes and a cache of folded words, and check that what they are given fits together. */
#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>

#include "_kernel_cover.h"
#include "_kernel_scan.h"
#include "_kernel_sets.h"

enum { VERSION = 2 };
enum { SHORT_SHINGLE = 3, SHORT_TOKENS = 40, MAX_FINGERPRINTS = 512, PER_SHORT_TEXT = 12, WINDOW = 32 };
enum { VOTING_WORDS = 3, SLOT_WORDS = 2 };
#define SHORT_SALT UINT64_C(0x2545F4914F6CDD1D)

static PyObject *configure(PyObject *module, PyObject *args)
{
    PyObject *classes, *folded;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO", &classes, &folded))
        return NULL;
    Py_INCREF(classes);
    Py_INCREF(folded);
    Py_XDECREF(ask_classes);
    Py_XDECREF(ask_folded);
    ask_classes = classes;
    ask_folded = folded;
    fill_tables();
    if (load_page(0) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *shingles(PyObject *module, PyObject *args)
{
    PyObject *codes_object, *kinds_object, *result = NULL;
    View codes, kinds;
    Py_ssize_t width;
    size_t count;
    u64 *hashes;
    (void)module;
    if (!PyArg_ParseTuple(args, "SSn", &codes_object, &kinds_object, &width) || view_of(codes_object, 8, &codes) < 0 ||
        view_of(kinds_object, 1, &kinds) < 0)
        return NULL;
    if (width < 0 || (kinds.count && kinds.count != codes.count)) {
        inconsistent();
        return NULL;
    }
    count = shingle_count(codes.count, (size_t)width);
    if (!(hashes = allocate_raw(count, sizeof *hashes)))
        return NULL;
    hash_runs(U64S(codes), kinds.count ? U8S(kinds) : NULL, codes.count, (size_t)width, hashes);
    if (sort_numbers(hashes, count) == 0)
        result = packed(hashes, distinct(hashes, count), sizeof *hashes);
    free(hashes);
    return result;
}

static PyObject *shared(PyObject *module, PyObject *args)
{
    PyObject *one_object, *other_object;
    View one, other;
    (void)module;
    if (!PyArg_ParseTuple(args, "SS", &one_object, &other_object) || view_of(one_object, 8, &one) < 0 ||
        view_of(other_object, 8, &other) < 0)
        return NULL;
    return PyLong_FromSize_t(count_shared(U64S(one), one.count, U64S(other), other.count));
}

/* One text being sketched: `hashes` of all shingles, all ones where a shingle has too few words to vote. */
typedef struct {
    View codes, kinds, sentences;
    size_t width, count, chosen_count;
    u64 *hashes, *chosen;
} Sketching;

static void silence_figures(Sketching *s)
{
    const u8 *kinds = U8S(s->kinds);
    size_t figures = 0;
    for (size_t i = 0; i + 1 < s->width && i < s->kinds.count; i++)
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
    size_t first = 0;
    for (size_t i = 0; i < s->sentences.count; i++) {
        size_t last = sentence_end(s->sentences, i, s->kinds.count);
        if (last - first >= s->width) {
            choose_least(s, s->hashes + first, last - first - s->width + 1);
            first = last;
        }
    }
}

static int choose_short(Sketching *s, size_t scale)
{
    size_t width = SHORT_SHINGLE * scale, count;
    u64 hashes[SHORT_TOKENS * MAX_SCALE];
    if (width > s->kinds.count)
        width = s->kinds.count;
    count = shingle_count(s->kinds.count, width);
    hash_runs(U64S(s->codes), U8S(s->kinds), s->kinds.count, width, hashes);
    for (size_t i = 0; i < count; i++)
        hashes[i] ^= SHORT_SALT;
    if (sort_numbers(hashes, count) < 0)
        return -1;
    count = distinct(hashes, count);
    for (size_t i = 0; i < count && i < PER_SHORT_TEXT; i++)
        s->chosen[s->chosen_count++] = hashes[i];
    return 0;
}

static PyObject *fingerprints(Sketching *s)
{
    PyObject *tuple;
    size_t count;
    if (sort_numbers(s->chosen, s->chosen_count) < 0)
        return NULL;
    count = distinct(s->chosen, s->chosen_count);
    if (count > MAX_FINGERPRINTS)
        count = MAX_FINGERPRINTS;
    tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++) {
        PyObject *number = PyLong_FromUnsignedLongLong(s->chosen[i]);
        if (!number || PyTuple_SetItem(tuple, (Py_ssize_t)i, number) < 0)
            Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *sketch(PyObject *module, PyObject *args)
{
    PyObject *codes, *kinds, *sentences, *result = NULL;
    Sketching s = {0};
    int scale;
    (void)module;
    if (!PyArg_ParseTuple(args, "SSSi", &codes, &kinds, &sentences, &scale) || check_scale(scale) < 0 ||
        view_of(codes, 8, &s.codes) < 0 || view_of(kinds, 1, &s.kinds) < 0 || view_of(sentences, 4, &s.sentences) < 0 ||
        check_sentences(s.sentences, s.kinds.count) < 0)
        return NULL;
    if (s.codes.count != s.kinds.count) {
        inconsistent();
        return NULL;
    }
    s.width = (size_t)(SHINGLE * scale);
    s.count = shingle_count(s.kinds.count, s.width);
    s.hashes = allocate_raw(s.count, sizeof *s.hashes);
    s.chosen = allocate_raw(s.count + 2 + PER_SHORT_TEXT, sizeof *s.chosen);
    if (s.hashes && s.chosen) {
        int failed = 0;
        hash_runs(U64S(s.codes), U8S(s.kinds), s.kinds.count, s.width, s.hashes);
        silence_figures(&s);
        choose_by_sentence(&s);
        if (s.kinds.count < (size_t)(SHORT_TOKENS * scale))
            failed = choose_short(&s, (size_t)scale);
        result = failed ? NULL : fingerprints(&s);
    }
    free(s.chosen);
    free(s.hashes);
    return result;
}

static PyObject *slots(PyObject *module, PyObject *args)
{
    PyObject *codes_object, *kinds_object, *result = NULL;
    View codes, kinds;
    size_t count, width, kept = 0, plain = 0;
    u64 *words, *hashes;
    u32 *begin;
    int scale;
    (void)module;
    if (!PyArg_ParseTuple(args, "SSi", &codes_object, &kinds_object, &scale) || check_scale(scale) < 0 ||
        view_of(codes_object, 8, &codes) < 0 || view_of(kinds_object, 1, &kinds) < 0)
        return NULL;
    if (codes.count != kinds.count) {
        inconsistent();
        return NULL;
    }
    width = (size_t)(SHINGLE * scale);
    count = shingle_count(codes.count, width);
    words = allocate_raw(codes.count, sizeof *words);
    hashes = allocate_raw(count, sizeof *hashes);
    begin = allocate_raw(count, sizeof *begin);
    if (words && hashes && begin) {
        for (size_t i = 0; i < codes.count; i++) {
            u8 kind = U8S(kinds)[i];
            words[i] = kind == FIGURE ? CODE_FIGURE : kind == NAME ? CODE_NAME : U64S(codes)[i];
            plain += i + 1 < width && kind == WORD;
        }
        hash_runs(words, NULL, codes.count, width, hashes);
        for (size_t i = 0; i < count; i++) {
            plain += U8S(kinds)[i + width - 1] == WORD;
            if (plain >= (size_t)(SLOT_WORDS * scale) && plain < width) {
                hashes[kept] = hashes[i];
                begin[kept++] = (u32)i;
            }
            plain -= U8S(kinds)[i] == WORD;
        }
        result = Py_BuildValue("NN", packed(hashes, kept, sizeof *hashes), packed(begin, kept, sizeof *begin));
    }
    free(begin);
    free(hashes);
    free(words);
    return result;
}

/* Of pairs with one key the first PLACES; returns how many are left. */
static size_t first_of_each(Pair *pairs, size_t count)
{
    size_t kept = 0, run = 0;
    for (size_t i = 0; i < count; i++) {
        run = i && pairs[i].key == pairs[kept - 1].key ? run + 1 : 0;
        if (run < PLACES)
            pairs[kept++] = pairs[i];
    }
    return kept;
}

/* Sorts; of pairs with one key the first PLACES are given. */
static PyObject *places_of(Pair *pairs, size_t count)
{
    PyObject *keys = NULL, *at = NULL;
    if (sort_pairs(pairs, count) == 0)
        keys = unzipped(pairs, first_of_each(pairs, count), &at);
    return keys ? Py_BuildValue("NN", keys, at) : NULL;
}

static PyObject *runs(PyObject *module, PyObject *args)
{
    PyObject *spelled_object, *result = NULL;
    View spelled;
    Py_ssize_t width;
    size_t count;
    u64 *hashes;
    Pair *pairs;
    (void)module;
    if (!PyArg_ParseTuple(args, "Sn", &spelled_object, &width) || view_of(spelled_object, 8, &spelled) < 0)
        return NULL;
    count = width > 0 ? shingle_count(spelled.count, (size_t)width) : 0;
    hashes = allocate_raw(count, sizeof *hashes);
    pairs = allocate_raw(count, sizeof *pairs);
    if (hashes && pairs) {
        if (count)
            hash_runs(U64S(spelled), NULL, spelled.count, (size_t)width, hashes);
        for (size_t i = 0; i < count; i++)
            pairs[i] = (Pair){hashes[i], (u32)i};
        result = places_of(pairs, count);
    }
    free(pairs);
    free(hashes);
    return result;
}

static PyObject *places(PyObject *module, PyObject *args)
{
    PyObject *values_object, *begin_object, *result;
    View values, begin;
    Pair *pairs;
    (void)module;
    if (!PyArg_ParseTuple(args, "SS", &values_object, &begin_object) || view_of(values_object, 8, &values) < 0 ||
        view_of(begin_object, 4, &begin) < 0)
        return NULL;
    if (values.count != begin.count) {
        inconsistent();
        return NULL;
    }
    if (!(pairs = allocate_raw(values.count, sizeof *pairs)))
        return NULL;
    for (size_t i = 0; i < values.count; i++)
        pairs[i] = (Pair){U64S(values)[i], U32S(begin)[i]};
    result = places_of(pairs, values.count);
    free(pairs);
    return result;
}

/* Votes of one wire story, in a table open to the next place. */
typedef struct {
    u64 ordinal;
    u32 votes; /* 0 where the place is free */
} Tally;

/* One vote for each of `kept`: an ordinal, or a tuple of them. Returns -1 with an exception set. */
static int count_votes(PyObject *kept, Tally *table, size_t mask)
{
    int several = PyTuple_Check(kept);
    Py_ssize_t count = several ? PyTuple_Size(kept) : 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        u64 ordinal = PyLong_AsUnsignedLongLong(several ? PyTuple_GetItem(kept, i) : kept);
        size_t place = mix(ordinal) & mask;
        if (PyErr_Occurred())
            return -1;
        while (table[place].votes && table[place].ordinal != ordinal)
            place = (place + 1) & mask;
        table[place].ordinal = ordinal;
        table[place].votes++;
    }
    return 0;
}

static PyObject *listed(const Tally *table, size_t size, Py_ssize_t least)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < size; i++)
        if (table[i].votes && (Py_ssize_t)table[i].votes >= least && append_pair(list, (size_t)table[i].ordinal, table[i].votes) < 0)
            Py_CLEAR(list);
    return list;
}

static PyObject *tally(PyObject *module, PyObject *args)
{
    PyObject *generation, *fingerprints, **found, *result = NULL;
    Py_ssize_t crowd, least, count;
    size_t size = 16, most = 0, kept = 0;
    Tally *table = NULL;
    int failed = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!nn", &PyDict_Type, &generation, &PyTuple_Type, &fingerprints, &crowd, &least))
        return NULL;
    count = PyTuple_Size(fingerprints);
    if (!(found = allocate_raw((size_t)count, sizeof(PyObject *))))
        return NULL;
    for (Py_ssize_t i = 0; !failed && i < count; i++) {
        PyObject *each = PyDict_GetItemWithError(generation, PyTuple_GetItem(fingerprints, i));
        Py_ssize_t several = each && PyTuple_Check(each) ? PyTuple_Size(each) : 1;
        failed = !each && PyErr_Occurred();
        if (each && (several < crowd || !PyTuple_Check(each))) {
            found[kept++] = each; /* the dict holds it, and nothing runs that could change the dict */
            most += (size_t)several;
        }
    }
    while (size < 2 * most)
        size *= 2;
    if (!failed && (table = allocate(size, sizeof *table))) {
        for (size_t i = 0; !failed && i < kept; i++)
            failed = count_votes(found[i], table, size - 1);
        result = failed ? NULL : listed(table, size, least);
    }
    free(table);
    free(found);
    return result;
}

/* What a fingerprint leads to once `ordinal` has it too: a new reference, or None where nothing changes. */
static PyObject *joined_by(PyObject *kept, PyObject *ordinal, Py_ssize_t crowd)
{
    PyObject *made;
    Py_ssize_t several;
    if (!PyTuple_Check(kept)) {
        int same = PyObject_RichCompareBool(kept, ordinal, Py_EQ);
        return same < 0 ? NULL : same ? Py_NewRef(Py_None) : PyTuple_Pack(2, kept, ordinal);
    }
    several = PyTuple_Size(kept);
    for (Py_ssize_t i = 0; i < several; i++) {
        int same = PyObject_RichCompareBool(PyTuple_GetItem(kept, i), ordinal, Py_EQ);
        if (same)
            return same < 0 ? NULL : Py_NewRef(Py_None);
    }
    if (several >= crowd)
        return Py_NewRef(Py_None);
    made = PyTuple_New(several + 1);
    for (Py_ssize_t i = 0; made && i <= several; i++)
        if (PyTuple_SetItem(made, i, Py_NewRef(i < several ? PyTuple_GetItem(kept, i) : ordinal)) < 0)
            Py_CLEAR(made);
    return made;
}

static PyObject *enlist(PyObject *module, PyObject *args)
{
    PyObject *generation, *fingerprints, *ordinal;
    Py_ssize_t crowd;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!O!n", &PyDict_Type, &generation, &PyTuple_Type, &fingerprints, &PyLong_Type,
                          &ordinal, &crowd))
        return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_Size(fingerprints); i++) {
        PyObject *each = PyTuple_GetItem(fingerprints, i), *kept = PyDict_GetItemWithError(generation, each), *after;
        int failed;
        if (!kept && PyErr_Occurred())
            return NULL;
        if (!(after = kept ? joined_by(kept, ordinal, crowd) : Py_NewRef(ordinal)))
            return NULL;
        failed = after != Py_None && PyDict_SetItem(generation, each, after) < 0;
        Py_DECREF(after);
        if (failed)
            return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"configure", configure, METH_VARARGS, "configure(classes, folded): who is asked about what is not ASCII"},
    {"scan", scan, METH_O, NULL},
    {"shingles", shingles, METH_VARARGS, NULL},
    {"shared", shared, METH_VARARGS, NULL},
    {"sketch", sketch, METH_VARARGS, NULL},
    {"slots", slots, METH_VARARGS, NULL},
    {"places", places, METH_VARARGS, NULL},
    {"runs", runs, METH_VARARGS, NULL},
    {"agreement", agreement, METH_VARARGS, NULL},
    {"covered", covered, METH_VARARGS, NULL},
    {"unreached", unreached, METH_VARARGS, NULL},
    {"lexicon", lexicon, METH_VARARGS, NULL},
    {"retold", retold, METH_VARARGS, NULL},
    {"tally", tally, METH_VARARGS, NULL},
    {"enlist", enlist, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", "The compiled kernel of the wire room; see pure.py.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module && PyModule_AddIntConstant(module, "VERSION", VERSION) < 0)
        Py_CLEAR(module);
    return module;
}
