/* Packed numbers, hashes of shingles, sorted sets. */
#ifndef CLAIMWIRE_KERNEL_SETS_H
#define CLAIMWIRE_KERNEL_SETS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#define ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define ALWAYS_INLINE inline
#endif

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;

enum { WORD = 0, FIGURE = 1, NAME = 2 };
enum { SHINGLE = 5, MAX_SCALE = 2 };

#define ALL_ONES UINT64_MAX
#define CODE_FIGURE UINT64_C(0x0123) /* "#" */
#define CODE_NAME UINT64_C(0x0140)   /* "@" */
#define ODD UINT64_C(0x9E3779B97F4A7C15)

/* What a bytes object holds. The object outlives the view: the caller's arguments own it. */
typedef struct {
    const void *at;
    size_t count;
} View;

#define U64S(view) ((const u64 *)(view).at)
#define U8S(view) ((const u8 *)(view).at)

static int view_of(PyObject *object, size_t size, View *view)
{
    char *at;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(object, &at, &length) < 0)
        return -1;
    if ((size_t)length % size || (uintptr_t)at % size) {
        PyErr_SetString(PyExc_ValueError, "not packed numbers");
        return -1;
    }
    if ((size_t)length / size > INT32_MAX) { /* indices are u32, and some are told apart by the highest bit */
        PyErr_SetString(PyExc_OverflowError, "too many numbers");
        return -1;
    }
    view->at = at;
    view->count = (size_t)length / size;
    return 0;
}

static int inconsistent(void)
{
    PyErr_SetString(PyExc_ValueError, "packed numbers do not fit each other");
    return -1;
}

/* malloc that never asks for nothing, and sets MemoryError. */
static void *allocate(size_t count, size_t size)
{
    void *made = calloc(count ? count : 1, size);
    if (!made)
        PyErr_NoMemory();
    return made;
}

/* The same, not cleared: for what is written before it is read. */
static void *allocate_raw(size_t count, size_t size)
{
    void *made = count > SIZE_MAX / size ? NULL : malloc(count ? count * size : 1);
    if (!made)
        PyErr_NoMemory();
    return made;
}

static PyObject *packed(const void *at, size_t count, size_t size)
{
    return PyBytes_FromStringAndSize((const char *)at, (Py_ssize_t)(count * size));
}

static int append_pair(PyObject *list, size_t one, size_t other)
{
    PyObject *pair = Py_BuildValue("nn", (Py_ssize_t)one, (Py_ssize_t)other);
    int failed = !pair || PyList_Append(list, pair) < 0;
    Py_XDECREF(pair);
    return failed ? -1 : 0;
}

static size_t shingle_count(size_t words, size_t width)
{
    return width && words >= width ? words - width + 1 : 0;
}

static u64 word_at(const u64 *codes, const u8 *kinds, size_t index)
{
    return kinds && kinds[index] == FIGURE ? CODE_FIGURE : codes[index];
}

static u64 mix(u64 value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

/* The hash of every run of `width` words; figures masked if `kinds` is given. */
static void hash_runs(const u64 *codes, const u8 *kinds, size_t words, size_t width, u64 *out)
{
    u64 leaving = 1, rolled = 0;
    if (!shingle_count(words, width))
        return;
    for (size_t i = 0; i < width; i++) {
        leaving *= ODD;
        rolled = rolled * ODD + word_at(codes, kinds, i);
    }
    out[0] = mix(rolled);
    for (size_t i = width; i < words; i++) {
        rolled = rolled * ODD + word_at(codes, kinds, i) - word_at(codes, kinds, i - width) * leaving;
        out[i + 1 - width] = mix(rolled);
    }
}

typedef struct {
    u64 key;
    u32 value;
} Pair;

/* Stable sorting by key. Hashes are spread evenly: one pass by their leading bits leaves little to do. Where they are
   not (somebody chose them, or they repeat), a merge sort bounds the time. */
enum { BUCKET_BITS_MOST = 12, BUCKET_MOST = 48, RUN = 12 };

#define DEFINE_SORT(TYPE, NAME, KEY)                                                                                   \
    static void NAME##_insert(TYPE *at, size_t count)                                                                  \
    {                                                                                                                  \
        for (size_t i = 1; i < count; i++) {                                                                           \
            TYPE moved = at[i];                                                                                        \
            size_t j = i;                                                                                              \
            for (; j && KEY(at[j - 1]) > KEY(moved); j--)                                                              \
                at[j] = at[j - 1];                                                                                     \
            at[j] = moved;                                                                                             \
        }                                                                                                              \
    }                                                                                                                  \
    static void NAME##_merge(TYPE *at, TYPE *spare, size_t count)                                                      \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i += RUN)                                                                        \
            NAME##_insert(at + i, count - i < RUN ? count - i : RUN);                                                  \
        for (size_t width = RUN; width < count; width *= 2) {                                                          \
            for (size_t low = 0; low < count; low += 2 * width) {                                                      \
                size_t middle = low + width < count ? low + width : count;                                             \
                size_t high = middle + width < count ? middle + width : count;                                         \
                size_t i = low, j = middle;                                                                            \
                for (size_t to = low; to < high; to++)                                                                 \
                    spare[to] = i < middle && (j >= high || KEY(at[i]) <= KEY(at[j])) ? at[i++] : at[j++];             \
            }                                                                                                          \
            memcpy(at, spare, count * sizeof *at);                                                                     \
        }                                                                                                              \
    }                                                                                                                  \
    static int NAME(TYPE *at, size_t count)                                                                            \
    {                                                                                                                  \
        u32 begin[(1u << BUCKET_BITS_MOST) + 1];                                                                       \
        unsigned bits = 1;                                                                                             \
        u32 most = 0;                                                                                                  \
        TYPE *spare;                                                                                                   \
        if (count <= 2 * RUN) {                                                                                        \
            NAME##_insert(at, count);                                                                                  \
            return 0;                                                                                                  \
        }                                                                                                              \
        while (bits < BUCKET_BITS_MOST && (count >> bits) > 2)                                                         \
            bits++;                                                                                                    \
        if (!(spare = allocate_raw(count, sizeof *spare)))                                                             \
            return -1;                                                                                                 \
        memset(begin, 0, (((size_t)1 << bits) + 1) * sizeof *begin);                                                   \
        for (size_t i = 0; i < count; i++) {                                                                           \
            u32 size = ++begin[(KEY(at[i]) >> (64 - bits)) + 1];                                                       \
            most = size > most ? size : most;                                                                          \
        }                                                                                                              \
        if (most > BUCKET_MOST) {                                                                                      \
            NAME##_merge(at, spare, count);                                                                            \
        } else {                                                                                                       \
            for (size_t i = 0; i < (size_t)1 << bits; i++)                                                             \
                begin[i + 1] += begin[i];                                                                              \
            for (size_t i = 0; i < count; i++)                                                                         \
                spare[begin[KEY(at[i]) >> (64 - bits)]++] = at[i];                                                     \
            NAME##_insert(spare, count);                                                                               \
            memcpy(at, spare, count * sizeof *at);                                                                     \
        }                                                                                                              \
        free(spare);                                                                                                   \
        return 0;                                                                                                      \
    }

#define OWN_KEY(each) (each)
#define PAIR_KEY(each) ((each).key)
DEFINE_SORT(u64, sort_numbers, OWN_KEY)
DEFINE_SORT(Pair, sort_pairs, PAIR_KEY)

/* Ascending numbers without repeats; returns how many are left. */
static size_t distinct(u64 *at, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!i || at[i] != at[i - 1])
            at[kept++] = at[i];
    return kept;
}

/* How many different numbers there are; they may be in any order and stay as they are. Most are met once in a small table
   of their own; where somebody chose them so that they fall on one place, they are sorted. */
enum { DISTINCT_SEEN = 1024, DISTINCT_PROBES = 8 };

static int count_distinct(const u64 *at, size_t count, size_t *result)
{
    u64 seen[DISTINCT_SEEN] = {0}, *copy;
    size_t found = 0, zero = 0, i = 0;
    for (; i < count && count <= DISTINCT_SEEN / 2; i++) {
        size_t place = at[i] % DISTINCT_SEEN, probes = 0;
        if (!at[i]) {
            zero = 1;
            continue;
        }
        for (; seen[place] && seen[place] != at[i] && probes < DISTINCT_PROBES; probes++)
            place = (place + 1) % DISTINCT_SEEN;
        if (probes == DISTINCT_PROBES)
            break;
        found += !seen[place];
        seen[place] = at[i];
    }
    *result = found + zero;
    if (i == count)
        return 0;
    if (!(copy = allocate_raw(count, sizeof *copy)))
        return -1;
    memcpy(copy, at, count * sizeof *copy);
    if (sort_numbers(copy, count) < 0) {
        free(copy);
        return -1;
    }
    *result = distinct(copy, count);
    free(copy);
    return 0;
}

/* First place in at[low..count) whose number is not below `wanted`. */
static size_t lower_bound(const u64 *at, size_t low, size_t count, u64 wanted)
{
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (at[middle] < wanted)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

enum { PROBES = 64 };

#endif
