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
#include "_kernel_sketch.h"
#include "_kernel_votes.h"

enum { VERSION = 3 };
enum { SLOT_WORDS = 2 };

static PyObject *configure(PyObject *module, PyObject *args)
{
    PyObject *classes, *folded;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO", &classes, &folded))
        return NULL;
    if (!say_isascii && !(say_isascii = PyUnicode_InternFromString("isascii")))
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

static PyMethodDef methods[] = {
    {"configure", configure, METH_VARARGS, "configure(classes, folded): who is asked about what is not ASCII"},
    {"scan", scan, METH_O, NULL},
    {"shingles", shingles, METH_VARARGS, NULL},
    {"shared", shared, METH_VARARGS, NULL},
    {"sketch", sketch, METH_O, NULL},
    {"slots", slots, METH_VARARGS, NULL},
    {"places", places, METH_VARARGS, NULL},
    {"runs", runs, METH_VARARGS, NULL},
    {"agreement", agreement, METH_VARARGS, NULL},
    {"covered", covered, METH_VARARGS, NULL},
    {"unreached", unreached, METH_VARARGS, NULL},
    {"lexicon", lexicon, METH_VARARGS, NULL},
    {"retold", retold, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", "The compiled kernel of the wire room; see pure.py.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module && (PyModule_AddIntConstant(module, "VERSION", VERSION) < 0 || add_postings(module) < 0))
        Py_CLEAR(module);
    return module;
}
