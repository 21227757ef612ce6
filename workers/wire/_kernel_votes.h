/* Postings: which wire stories have a fingerprint. A table open to the next place, in SEGMENTS that grow one by one, so
   that no single text waits until all of it has been moved. Of a fingerprint the low 32 bits are told apart. */
#ifndef CLAIMWIRE_KERNEL_VOTES_H
#define CLAIMWIRE_KERNEL_VOTES_H

#include "_kernel_sets.h"

enum { SEGMENTS = 256, SMALLEST = 8, CROWD_LEAST = 2, CROWD_MOST = 64, GENERATIONS_MOST = 8 };
#define FREE UINT32_MAX
#define SEVERAL UINT32_C(0x80000000) /* the rest is the number of a block of `crowd` ordinals, FREE where there is none */

typedef struct {
    u32 fingerprint;
    u32 value; /* FREE, an ordinal below SEVERAL, or SEVERAL and a block */
} Posting;

typedef struct {
    Posting *at;
    size_t size, count; /* size is 0 or a power of two */
} Segment;

typedef struct {
    PyObject_HEAD
    u64 salt; /* where things lie depends on where the table lies, so that nobody outside can choose it */
    u32 crowd;
    size_t count;
    Segment segments[SEGMENTS];
    u32 *blocks;
    size_t block_count, block_room;
} Postings;

static PyTypeObject *postings_type;

static u64 spread(const Postings *p, u32 fingerprint)
{
    return mix(fingerprint ^ p->salt);
}

static const Segment *segment_of(const Postings *p, u64 hash)
{
    return p->segments + (hash >> 56);
}

/* The place of a fingerprint, or the free one where it would be put; of a segment that has places. */
static Posting *place_in(const Segment *segment, u32 fingerprint, u64 hash)
{
    size_t mask = segment->size - 1, place = (size_t)hash & mask;
    Posting *at = segment->at;
    while (at[place].value != FREE && at[place].fingerprint != fingerprint)
        place = (place + 1) & mask;
    return at + place;
}

static int grow(const Postings *p, Segment *segment)
{
    Segment larger = {NULL, segment->size ? 2 * segment->size : SMALLEST, segment->count};
    if (larger.size > SIZE_MAX / sizeof(Posting) || !(larger.at = PyMem_Malloc(larger.size * sizeof(Posting)))) {
        PyErr_NoMemory();
        return -1;
    }
    memset(larger.at, 0xFF, larger.size * sizeof(Posting));
    for (size_t i = 0; i < segment->size; i++) {
        Posting posting = segment->at[i];
        if (posting.value != FREE)
            *place_in(&larger, posting.fingerprint, spread(p, posting.fingerprint)) = posting;
    }
    PyMem_Free(segment->at);
    *segment = larger;
    return 0;
}

/* A new block with the two ordinals, as a value; FREE with an exception set if there is no room. */
static u32 open_block(Postings *p, u32 one, u32 other)
{
    u32 *block;
    if (p->block_count == p->block_room) {
        size_t room = p->block_room ? p->block_room + p->block_room / 2 : 16;
        u32 *made = NULL;
        if (room < SEVERAL && room <= SIZE_MAX / sizeof *made / p->crowd)
            made = PyMem_Realloc(p->blocks, room * p->crowd * sizeof *made);
        if (!made) {
            PyErr_NoMemory();
            return FREE;
        }
        p->blocks = made;
        p->block_room = room;
    }
    block = p->blocks + p->block_count * p->crowd;
    memset(block, 0xFF, p->crowd * sizeof *block);
    block[0] = one;
    block[1] = other;
    return SEVERAL | (u32)p->block_count++;
}

static int enlist_one(Postings *p, u32 fingerprint, u32 ordinal)
{
    u64 hash = spread(p, fingerprint);
    Segment *segment = p->segments + (hash >> 56);
    Posting *posting;
    u32 *block;
    if (4 * (segment->count + 1) > 3 * segment->size && grow(p, segment) < 0)
        return -1;
    posting = place_in(segment, fingerprint, hash);
    if (posting->value == FREE) {
        *posting = (Posting){fingerprint, ordinal};
        segment->count++;
        p->count++;
        return 0;
    }
    if (!(posting->value & SEVERAL)) {
        u32 value = posting->value == ordinal ? ordinal : open_block(p, posting->value, ordinal);
        if (value == FREE)
            return -1;
        posting->value = value;
        return 0;
    }
    block = p->blocks + (size_t)(posting->value & ~SEVERAL) * p->crowd;
    for (u32 i = 0; i < p->crowd && block[i] != ordinal; i++)
        if (block[i] == FREE) {
            block[i] = ordinal;
            break;
        }
    return 0;
}

static PyObject *postings_enlist(PyObject *self, PyObject *args)
{
    Postings *p = (Postings *)self;
    PyObject *object;
    View fingerprints;
    Py_ssize_t ordinal;
    if (!PyArg_ParseTuple(args, "Sn", &object, &ordinal) || view_of(object, 8, &fingerprints) < 0)
        return NULL;
    if (ordinal < 0 || (u64)ordinal >= SEVERAL) {
        PyErr_SetString(PyExc_OverflowError, "an ordinal has 31 bits");
        return NULL;
    }
    for (size_t i = 0; i < fingerprints.count; i++)
        if (enlist_one(p, (u32)U64S(fingerprints)[i], (u32)ordinal) < 0)
            return NULL;
    Py_RETURN_NONE;
}

/* The generations that are asked together, and the ordinals met: on the stack while they are few. */
enum { FEW = 128 };
typedef struct {
    const Postings *generations[GENERATIONS_MOST];
    size_t generation_count, count, room;
    u64 few[FEW], *met;
} Tally;

static int meet(Tally *t, u64 ordinal)
{
    if (t->count == t->room) {
        u64 *made = t->room > SIZE_MAX / 32 ? NULL : realloc(t->met == t->few ? NULL : t->met, 2 * t->room * sizeof *made);
        if (!made) {
            PyErr_NoMemory();
            return -1;
        }
        if (t->met == t->few)
            memcpy(made, t->few, sizeof t->few);
        t->met = made;
        t->room *= 2;
    }
    t->met[t->count++] = ordinal;
    return 0;
}

/* The ordinals that one generation has for a fingerprint, none of them twice, behind the `count` met before; past
   `crowd` nobody counts. */
static u32 meet_once(const Postings *p, u32 fingerprint, u32 *met, u32 count)
{
    u64 hash = spread(p, fingerprint);
    const Segment *segment = segment_of(p, hash);
    u32 value = segment->size ? place_in(segment, fingerprint, hash)->value : FREE;
    const u32 *several = &value;
    u32 most = 1;
    if (value == FREE)
        return count;
    if (value & SEVERAL) {
        several = p->blocks + (size_t)(value & ~SEVERAL) * p->crowd;
        most = p->crowd;
    }
    for (u32 i = 0; i < most && several[i] != FREE && count < p->crowd; i++) {
        u32 j = 0;
        while (j < count && met[j] != several[i])
            j++;
        if (j == count)
            met[count++] = several[i];
    }
    return count;
}

static void look_ahead(const Tally *t, View fingerprints)
{
#if defined(__GNUC__)
    for (size_t i = 0; i < fingerprints.count; i++)
        for (size_t g = 0; g < t->generation_count; g++) {
            u64 hash = spread(t->generations[g], (u32)U64S(fingerprints)[i]);
            const Segment *segment = segment_of(t->generations[g], hash);
            if (segment->size)
                __builtin_prefetch(segment->at + ((size_t)hash & (segment->size - 1)));
        }
#else
    (void)t, (void)fingerprints;
#endif
}

static int meet_all(Tally *t, View fingerprints)
{
    u32 met[CROWD_MOST], crowd = t->generations[0]->crowd;
    look_ahead(t, fingerprints);
    for (size_t i = 0; i < fingerprints.count; i++) {
        u32 count = 0;
        for (size_t g = 0; g < t->generation_count; g++)
            count = meet_once(t->generations[g], (u32)U64S(fingerprints)[i], met, count);
        for (u32 j = 0; count < crowd && j < count; j++)
            if (meet(t, met[j]) < 0)
                return -1;
    }
    return sort_numbers(t->met, t->count);
}

static PyObject *listed(const Tally *t, Py_ssize_t least)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0, next; list && i < t->count; i = next) {
        for (next = i + 1; next < t->count && t->met[next] == t->met[i]; next++)
            ;
        if ((Py_ssize_t)(next - i) >= least && append_pair(list, (size_t)t->met[i], next - i) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* The older generations that are asked too. */
static int add_generations(Tally *t, PyObject *older)
{
    Py_ssize_t count = PyTuple_Size(older);
    if (count >= GENERATIONS_MOST)
        return inconsistent();
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *each = PyTuple_GetItem(older, i);
        if (!PyObject_TypeCheck(each, postings_type)) {
            PyErr_SetString(PyExc_TypeError, "a generation is Postings");
            return -1;
        }
        if (((Postings *)each)->crowd != t->generations[0]->crowd)
            return inconsistent();
        t->generations[t->generation_count++] = (Postings *)each;
    }
    return 0;
}

static PyObject *postings_tally(PyObject *self, PyObject *args)
{
    PyObject *object, *older, *result = NULL;
    View fingerprints;
    Py_ssize_t least;
    Tally t;
    if (!PyArg_ParseTuple(args, "SnO!", &object, &least, &PyTuple_Type, &older) || view_of(object, 8, &fingerprints) < 0)
        return NULL;
    t.generations[0] = (Postings *)self;
    t.generation_count = 1;
    t.count = 0;
    t.room = FEW;
    t.met = t.few;
    if (add_generations(&t, older) == 0 && meet_all(&t, fingerprints) == 0)
        result = listed(&t, least);
    if (t.met != t.few)
        free(t.met);
    return result;
}

static PyObject *postings_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    allocfunc make = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Postings *made;
    int crowd;
    if (named && PyDict_Size(named)) {
        PyErr_SetString(PyExc_TypeError, "Postings takes no names");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "i", &crowd))
        return NULL;
    if (crowd < CROWD_LEAST || crowd > CROWD_MOST) {
        PyErr_SetString(PyExc_ValueError, "no such crowd");
        return NULL;
    }
    if ((made = (Postings *)make(type, 0))) { /* cleared */
        made->salt = mix((u64)(uintptr_t)made);
        made->crowd = (u32)crowd;
    }
    return (PyObject *)made;
}

static void postings_dealloc(PyObject *self)
{
    Postings *p = (Postings *)self;
    PyTypeObject *type = Py_TYPE(self);
    for (size_t i = 0; i < SEGMENTS; i++)
        PyMem_Free(p->segments[i].at);
    PyMem_Free(p->blocks);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static Py_ssize_t postings_length(PyObject *self)
{
    return (Py_ssize_t)((Postings *)self)->count;
}

static PyMethodDef postings_methods[] = {
    {"enlist", postings_enlist, METH_VARARGS, NULL},
    {"tally", postings_tally, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot postings_slots[] = {
    {Py_tp_new, (void *)postings_new},
    {Py_tp_dealloc, (void *)postings_dealloc},
    {Py_tp_methods, postings_methods},
    {Py_sq_length, (void *)postings_length},
    {Py_tp_doc, "Which wire stories have a fingerprint; see pure.Postings."},
    {0, NULL},
};

static PyType_Spec postings_spec = {
    "workers.wire._kernel.Postings", sizeof(Postings), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, postings_slots,
};

static int add_postings(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&postings_spec);
    if (!type)
        return -1;
    postings_type = (PyTypeObject *)type;
    return PyModule_AddObjectRef(module, "Postings", type);
}

#endif
