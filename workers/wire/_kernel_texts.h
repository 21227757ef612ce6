/* The texts of a wire story beside each other: the original and what copies added to it. */
#ifndef CLAIMWIRE_KERNEL_TEXTS_H
#define CLAIMWIRE_KERNEL_TEXTS_H

#include "_kernel_scan.h"

/* Words of several texts, numbered through all of them. Those of one text lie in its reading. */
typedef struct {
    size_t count, part_count;
    const u64 *codes, *spelled;
    const u8 *kinds;
    const u32 *begin; /* first word of each part */
    const u32 *sentences;
    size_t sentence_count;
    size_t original;  /* words of the first part */
    size_t scale;     /* of the first part */
    void *block;
    Reading *only;
} Texts;

static const u32 BEGIN[1] = {0};

static size_t part_end(const Texts *texts, size_t number)
{
    return number + 1 < texts->part_count ? texts->begin[number + 1] : texts->count;
}

static void release_all(Reading **readings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        release(readings[i]);
    free(readings);
}

/* Readings of the texts in a tuple; NULL with an exception set. */
static Reading **read_all(PyObject *tuple, size_t count)
{
    Reading **readings = allocate(count, sizeof *readings);
    for (size_t i = 0; readings && i < count; i++)
        if (!(readings[i] = read_text(PyTuple_GetItem(tuple, (Py_ssize_t)i)))) {
            release_all(readings, i);
            return NULL;
        }
    return readings;
}

static int join(Texts *texts, Reading *const *readings)
{
    u64 *codes, *spelled;
    u32 *begin, *sentences;
    u8 *kinds;
    size_t at = 0, sentence = 0;
    for (size_t i = 0; i < texts->part_count; i++) {
        texts->count += readings[i]->count;
        texts->sentence_count += readings[i]->sentence_count;
    }
    if (texts->count > INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "too many words");
        return -1;
    }
    if (!(codes = allocate_raw(texts->count * 17 + (texts->part_count + texts->sentence_count) * sizeof(u32), 1)))
        return -1;
    spelled = codes + texts->count;
    begin = (u32 *)(spelled + texts->count);
    sentences = begin + texts->part_count;
    kinds = (u8 *)(sentences + texts->sentence_count);
    for (size_t i = 0; i < texts->part_count; i++) {
        const Reading *each = readings[i];
        begin[i] = (u32)at;
        memcpy(codes + at, each->codes, each->count * sizeof *codes);
        memcpy(spelled + at, each->spelled, each->count * sizeof *spelled);
        memcpy(kinds + at, each->kinds, each->count);
        for (size_t j = 0; j < each->sentence_count; j++)
            sentences[sentence++] = (u32)at + each->sentences[j];
        at += each->count;
    }
    texts->codes = texts->block = codes;
    texts->spelled = spelled;
    texts->begin = begin;
    texts->sentences = sentences;
    texts->kinds = kinds;
    return 0;
}

static void close_texts(Texts *texts)
{
    release(texts->only);
    free(texts->block);
}

/* The texts in a tuple, one at least; to be closed unless it fails. */
static int open_texts(Texts *texts, PyObject *tuple)
{
    Reading **readings;
    int failed = 0;
    *texts = (Texts){0};
    if (!PyTuple_Check(tuple) || !PyTuple_Size(tuple)) {
        PyErr_SetString(PyExc_TypeError, "a wire story's texts are a tuple of one at least");
        return -1;
    }
    texts->part_count = (size_t)PyTuple_Size(tuple);
    if (!(readings = read_all(tuple, texts->part_count)))
        return -1;
    texts->original = readings[0]->count;
    texts->scale = (size_t)readings[0]->scale;
    if (texts->part_count > 1) {
        failed = join(texts, readings);
    } else {
        Reading *only = texts->only = readings[0];
        only->users++;
        texts->count = only->count;
        texts->codes = only->codes;
        texts->spelled = only->spelled;
        texts->kinds = only->kinds;
        texts->begin = BEGIN;
        texts->sentences = only->sentences;
        texts->sentence_count = only->sentence_count;
    }
    release_all(readings, texts->part_count);
    return failed;
}

#endif
