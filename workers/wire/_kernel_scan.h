/* Words of a text: a scanner that finds what the pattern in scanning.py finds. */
#ifndef CLAIMWIRE_KERNEL_SCAN_H
#define CLAIMWIRE_KERNEL_SCAN_H

#include "_kernel_forms.h"

enum { MAX_CHARS = 500000, MAX_TOKENS = 50000 };
enum { NOT_ASCII = 0x80, PADDING = 24 };
enum { CAPITAL = 1, OPENED = 2 };

/* One text that is read or being read. All arrays lie in one block. */
typedef struct {
    size_t users;
    PyObject *whole; /* the text that was asked for, of which `text` is as much as is read */
    PyObject *text;
    void *block;
    u8 *bytes; /* ASCII as it is, NOT_ASCII for the rest; ends with zeros that are no characters of the text */
    u32 *wide; /* the characters, if not all are ASCII */
    size_t length;
    u64 *codes, *spelled;
    u32 *starts, *ends, *sentences;
    u8 *kinds;
    u8 *capitals; /* CAPITAL: the token begins with one; OPENED: behind a mark that opens */
    size_t count, room, sentence_count, single;
    int hard, soft, abbreviated;
} Reading;

static void release(Reading *reading)
{
    if (!reading || --reading->users)
        return;
    Py_XDECREF(reading->text);
    Py_XDECREF(reading->whole);
    free(reading->block);
    free(reading);
}

static void take_part(char **from, void *array, size_t size)
{
    memcpy(array, from, sizeof *from);
    *from += size;
}

/* Room for a text in which every character is a token. */
static int lay_out(Reading *reading, int wide)
{
    size_t length = reading->length, room = length < MAX_TOKENS ? length : MAX_TOKENS;
    size_t characters = wide ? (length + 2) * sizeof(u32) : 0;
    char *at = reading->block = allocate_raw(room * 30 + characters + length + PADDING, 1);
    if (!at)
        return -1;
    take_part(&at, &reading->codes, room * sizeof(u64));
    take_part(&at, &reading->spelled, room * sizeof(u64));
    take_part(&at, &reading->starts, room * sizeof(u32));
    take_part(&at, &reading->ends, room * sizeof(u32));
    take_part(&at, &reading->sentences, room * sizeof(u32));
    if (wide)
        take_part(&at, &reading->wide, characters);
    take_part(&at, &reading->kinds, room);
    take_part(&at, &reading->capitals, room);
    take_part(&at, &reading->bytes, length + PADDING);
    memset(reading->bytes + length, 0, PADDING);
    reading->room = room;
    return 0;
}

static int open_ascii(Reading *reading, const char *characters)
{
    if (lay_out(reading, 0) < 0)
        return -1;
    memcpy(reading->bytes, characters, reading->length);
    return 0;
}

static int open_wide(Reading *reading)
{
    size_t length = reading->length;
    if (lay_out(reading, 1) < 0 ||
        !PyUnicode_AsUCS4(reading->text, (Py_UCS4 *)reading->wide, (Py_ssize_t)length + 1, 1))
        return -1;
    reading->wide[length + 1] = 0;
    for (size_t i = 0; i < length; i++) {
        u32 character = reading->wide[i];
        reading->bytes[i] = (u8)(character < 128 ? character : NOT_ASCII);
        if (character >= 256 && !pages[character >> 8] && load_page(character >> 8) < 0)
            return -1;
    }
    return 0;
}

/* The first MAX_CHARS of a text. */
static int open_text(Reading *reading, PyObject *text)
{
    Py_ssize_t length, said;
    const char *characters;
    PyObject *ascii;
    int is_ascii;
    if (!ask_classes) {
        PyErr_SetString(PyExc_RuntimeError, "configure() comes first");
        return -1;
    }
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a text is a str");
        return -1;
    }
    if ((length = PyUnicode_GetLength(text)) < 0)
        return -1;
    reading->text = length > MAX_CHARS ? PyUnicode_Substring(text, 0, MAX_CHARS) : Py_NewRef(text);
    if (!reading->text || !(ascii = PyObject_CallMethodObjArgs(reading->text, say_isascii, NULL)))
        return -1;
    is_ascii = ascii == Py_True;
    Py_DECREF(ascii);
    reading->length = (size_t)(length > MAX_CHARS ? MAX_CHARS : length);
    if (!is_ascii)
        return open_wide(reading);
    if (!(characters = PyUnicode_AsUTF8AndSize(reading->text, &said)))
        return -1;
    if ((size_t)said != reading->length) { /* a str that lies about itself */
        PyErr_SetString(PyExc_ValueError, "a text of no length");
        return -1;
    }
    return open_ascii(reading, characters);
}

static u32 character_at(const Reading *reading, size_t at)
{
    u8 byte = reading->bytes[at];
    return byte < NOT_ASCII ? byte : reading->wide[at];
}

static u8 class_at(const Reading *reading, size_t at)
{
    u8 byte = reading->bytes[at];
    u32 character = byte;
    if (byte >= NOT_ASCII && (character = reading->wide[at]) > 255)
        return pages[character >> 8][character & 255];
    return latin[character];
}

static int is_capital(u32 character)
{
    return character >= 'A' && character <= 'Z';
}

/* Past the end of initials that begin at `at` ("U.S."), or `at` if there are none. */
static size_t initials_end(const Reading *reading, size_t at)
{
    const u8 *byte = reading->bytes;
    size_t end = at + 1;
    if (!is_capital(byte[at]))
        return at;
    while (byte[end] == '.' && is_capital(byte[end + 1]))
        end += 2;
    if (end > at + 1 && class_at(reading, end) & LETTER)
        end -= 2;
    if (end == at + 1)
        return at;
    return byte[end] == '.' ? end + 1 : end;
}

static int is_apostrophe(u32 character)
{
    return character == '\'' || character == 0x2019 || character == 0x02BC;
}

static size_t word_end(const Reading *reading, size_t at)
{
    for (;;) {
        while (class_at(reading, at) & (LETTER | EXTEND))
            at++;
        if (!is_apostrophe(character_at(reading, at)) || !(class_at(reading, at + 1) & LETTER))
            return at;
        at++;
    }
}

static int joins_digits(u32 character)
{
    return character == '.' || character == ',' || character == ':' || character == 0x066B || character == 0x066C;
}

static size_t figure_end(const Reading *reading, size_t at)
{
    for (;;) {
        size_t unseen = 0;
        while (class_at(reading, at) & DIGIT)
            at++;
        if (joins_digits(character_at(reading, at)) && class_at(reading, at + 1) & DIGIT) {
            at++;
            continue;
        }
        while (unseen < 5 && class_at(reading, at + unseen) & INVISIBLE)
            unseen++;
        if (!unseen || unseen > 4 || !(class_at(reading, at + unseen) & DIGIT))
            return at;
        at += unseen;
    }
}

static int is_stop(u32 character)
{
    return character == '.' || character == '!' || character == '?' || character == 0x2026;
}

static int is_closing(u32 character)
{
    return character == '"' || character == '\'' || character == 0x201D || character == 0x2019 || character == ')' ||
           character == ']' || character == 0xBB;
}

static int is_full_stop(u32 character)
{
    return character == 0x3002 || character == 0xFF01 || character == 0xFF1F || character == 0x061F ||
           character == 0x06D4 || character == 0x0964;
}

/* Past the end of what ends a sentence at `at`, or `at`. */
static size_t stop_end(const Reading *reading, size_t at)
{
    size_t end = at, closing = 0;
    if (is_full_stop(character_at(reading, at)))
        return at + 1;
    while (end - at < 5 && is_stop(character_at(reading, end)))
        end++;
    if (end == at || end - at > 4)
        return at;
    while (closing < 4 && is_closing(character_at(reading, end + closing)))
        closing++;
    end += closing;
    return closing <= 3 && end < reading->length && class_at(reading, end) & (SPACE | INVISIBLE) ? end : at;
}

/* Past the end of a paragraph's break at the line's end `at`, or `at`. */
static size_t paragraph_end(const Reading *reading, size_t at)
{
    const u8 *byte = reading->bytes;
    size_t end = at + 1;
    while (end - at <= 8 && (byte[end] == ' ' || byte[end] == '\t' || byte[end] == '\r'))
        end++;
    return end < reading->length && byte[end] == '\n' ? end + 1 : at;
}

static int is_opening(u32 character)
{
    return character == '"' || character == '\'' || character == 0x201C || character == 0x2018 || character == '(' ||
           character == 0xAB || character == '[' || character == 0x201E;
}

/* Most words are at most fifteen ASCII letters: those are found eight letters at a time, and their forms lie behind a
   cache by their letters, for a loop that ends where nobody can foresee costs more than what it does. */
enum { WORD_BITS = 13, CACHED_LETTERS = 15 };
typedef struct {
    u64 head, tail; /* the letters in lower case; a word is never empty, so neither is a place that is taken */
    u64 code;
    u64 spelled_flags; /* four times the one plus the other */
} CachedWord;
static CachedWord *words;

#define EVERY_BYTE UINT64_C(0x0101010101010101)

/* Eight characters as one number, the first the lowest. */
static u64 eight(const u8 *at)
{
    return (u64)at[0] | (u64)at[1] << 8 | (u64)at[2] << 16 | (u64)at[3] << 24 | (u64)at[4] << 32 | (u64)at[5] << 40 |
           (u64)at[6] << 48 | (u64)at[7] << 56;
}

/* Index of the first byte of which the highest bit is set; one is. */
static size_t first_high(u64 bytes)
{
#if defined(__GNUC__)
    return (size_t)__builtin_ctzll(bytes) >> 3;
#else
    size_t index = 0;
    while (!(bytes >> (8 * index + 7) & 1))
        index++;
    return index;
#endif
}

/* How many of the eight characters at `at` are ASCII letters before another; `letters` are those, in lower case. */
static size_t letters_at(const u8 *at, u64 *letters)
{
    u64 small = eight(at) | 0x20 * EVERY_BYTE, others;
    size_t length;
    /* no sum carries into the next byte: the greatest is 0xA0 + 0x1F */
    others = ~((small + (0x80 - 'a') * EVERY_BYTE) & ~(small + (0x7F - 'z') * EVERY_BYTE) & ~small) & 0x80 * EVERY_BYTE;
    *letters = small;
    if (!others)
        return 8;
    length = first_high(others);
    *letters = small & ((UINT64_C(1) << 8 * length) - 1);
    return length;
}

/* Whether what stands at `end` may make the word before it longer, by other letters or behind an apostrophe. */
static int may_go_on(const Reading *reading, size_t end)
{
    u8 byte = reading->bytes[end];
    if (byte < NOT_ASCII)
        return byte == '\'';
    return class_at(reading, end) & (LETTER | EXTEND) || is_apostrophe(reading->wide[end]);
}

/* Past the end of a plain word of which the letters end at `end`, perhaps with 's, or 0 if it is of another sort. */
static size_t plain_end(const Reading *reading, size_t at, size_t end)
{
    size_t past = end + 2;
    if (!may_go_on(reading, end))
        return end == at + 1 && reading->bytes[end] == '.' && is_capital(reading->bytes[at]) ? 0 : end;
    if (class_at(reading, end) & (LETTER | EXTEND))
        return 0;
    if (!(class_at(reading, end + 1) & LETTER))
        return end;
    if ((reading->bytes[end + 1] | 0x20) != 's' || may_go_on(reading, past) ||
        (reading->bytes[past] < NOT_ASCII && latin[reading->bytes[past]] & LETTER))
        return 0;
    return past;
}

/* Past the end of the plain word at `at` with its form, or 0 if it is of another sort. */
static size_t plain_word(const Reading *reading, size_t at, Form *form)
{
    u64 head, tail = 0;
    size_t length = letters_at(reading->bytes + at, &head), end;
    CachedWord *place;
    if (length == 8)
        length += letters_at(reading->bytes + at + 8, &tail);
    if (!length || length > CACHED_LETTERS || !(end = plain_end(reading, at, at + length)))
        return 0;
    place = words + ((head * ODD ^ tail * PRIME) >> (64 - WORD_BITS));
    if (place->head != head || place->tail != tail) {
        char word[CACHED_LETTERS];
        for (size_t i = 0; i < length; i++)
            word[i] = (char)((i < 8 ? head >> 8 * i : tail >> 8 * (i - 8)) & 255);
        *form = word_form(word, length);
        *place = (CachedWord){head, tail, form->code, form->spelled << 2 | form->flags};
        return end;
    }
    *form = (Form){place->code, place->spelled_flags >> 2, (u32)(place->spelled_flags & 3)};
    return end;
}

static void add_token(Reading *reading, size_t start, size_t end, int is_figure, Form form)
{
    size_t index = reading->count++;
    u8 class = class_at(reading, start);
    int capital = class & UPPER ? CAPITAL : 0;
    if (reading->hard || (reading->soft && !(class & LOWER)))
        reading->sentences[reading->sentence_count++] = (u32)index;
    reading->hard = reading->soft = 0;
    reading->abbreviated = form.flags & ABBREVIATION || (end - start == 1 && capital);
    reading->starts[index] = (u32)start;
    reading->ends[index] = (u32)end;
    reading->codes[index] = form.code;
    reading->spelled[index] = form.spelled;
    reading->kinds[index] = is_figure || form.flags & DECIMAL ? FIGURE : WORD;
    if (capital && start && is_opening(character_at(reading, start - 1)))
        capital |= OPENED;
    reading->capitals[index] = (u8)capital;
}

/* Past the end of what stands between words at `at`, one character at least. */
static size_t pass(Reading *reading, size_t at)
{
    size_t end;
    if (reading->bytes[at] == '\n') {
        end = paragraph_end(reading, at);
        reading->soft = 1;
        reading->hard |= end > at;
        return end > at ? end : at + 1;
    }
    end = stop_end(reading, at);
    if (end == at)
        return at + 1;
    if (!reading->abbreviated || reading->ends[reading->count - 1] != at || reading->bytes[at] != '.')
        reading->soft = 1;
    return end;
}

/* Past the end of the token at `at`, with its form; 0 if Python failed. */
static size_t read_token(Reading *reading, size_t at, u8 class, Form *form)
{
    size_t end = at;
    if (class & LETTER) {
        if ((end = plain_word(reading, at, form)))
            return end;
        end = initials_end(reading, at);
        end = end > at ? end : word_end(reading, at);
    } else if (class & DIGIT) {
        end = figure_end(reading, at);
    } else {
        end = at + 1;
        reading->single++;
    }
    if (fold(reading->text, reading->bytes, reading->wide, at, end - at > MAX_FORM ? at + MAX_FORM : end, form) < 0)
        return 0;
    return end;
}

static int find_tokens(Reading *reading)
{
    size_t at = 0, end;
    reading->hard = 1;
    if (!words && !(words = allocate((size_t)1 << WORD_BITS, sizeof *words)))
        return -1;
    while (at < reading->length) {
        u8 class;
        Form form;
        if (reading->bytes[at] == ' ') {
            at++;
            continue;
        }
        class = class_at(reading, at);
        if (!(class & (LETTER | DIGIT | CHARACTER))) {
            at = pass(reading, at);
            continue;
        }
        if (reading->count == reading->room)
            return 0;
        if (!(end = read_token(reading, at, class, &form)))
            return -1;
        add_token(reading, at, end, !(class & LETTER) && class & DIGIT, form);
        at = end;
    }
    return 0;
}

static int is_capitalised(const Reading *reading, size_t index)
{
    return reading->kinds[index] == WORD && reading->capitals[index];
}

static void mark_names(Reading *reading)
{
    for (size_t i = 0; i < reading->sentence_count; i++) {
        size_t first = reading->sentences[i], capitals = 0;
        size_t last = i + 1 < reading->sentence_count ? reading->sentences[i + 1] : reading->count;
        for (size_t index = first; index < last; index++)
            capitals += (size_t)is_capitalised(reading, index);
        if (5 * capitals > 3 * (last - first) && last - first >= 4)
            continue;
        for (size_t index = first + 1; index < last; index++)
            if (is_capitalised(reading, index) && !(reading->capitals[index] & OPENED))
                reading->kinds[index] = NAME;
    }
}

/* Tokens that say as much as one spaced word does. */
static int scale_of(const Reading *reading)
{
    return 2 * reading->single <= reading->count ? 1 : MAX_SCALE;
}

/* A text is sketched, compared and read in turn: those read last are kept, unless they are long. Whoever uses one holds
   it, for to make an object may run a finaliser that reads other texts. */
enum { KEPT = 8, KEPT_CHARS = 16384 };
static Reading *kept[KEPT];
static size_t next_kept;

static void keep(Reading *reading)
{
    Reading *forgotten = kept[next_kept];
    if (reading->length > KEPT_CHARS)
        return;
    reading->users++;
    kept[next_kept] = reading;
    next_kept = (next_kept + 1) % KEPT;
    release(forgotten);
}

static void forget(void)
{
    for (size_t i = 0; i < KEPT; i++) {
        Reading *forgotten = kept[i];
        kept[i] = NULL;
        release(forgotten);
    }
}

/* A text read, to be released; NULL with an exception set. */
static Reading *read_text(PyObject *text)
{
    Reading *made;
    for (size_t i = 0; i < KEPT; i++)
        if (kept[i] && kept[i]->whole == text) {
            kept[i]->users++;
            return kept[i];
        }
    if (!(made = allocate(1, sizeof *made)))
        return NULL;
    made->users = 1;
    if (open_text(made, text) < 0 || find_tokens(made) < 0) {
        release(made);
        return NULL;
    }
    mark_names(made);
    made->whole = Py_NewRef(text);
    keep(made);
    return made;
}

static PyObject *scan(PyObject *module, PyObject *text)
{
    Reading *r = read_text(text);
    PyObject *result = NULL;
    (void)module;
    if (r)
        result = Py_BuildValue("NNNNNNi", packed(r->starts, r->count, sizeof(u32)),
                               packed(r->ends, r->count, sizeof(u32)), packed(r->codes, r->count, sizeof(u64)),
                               packed(r->spelled, r->count, sizeof(u64)), packed(r->kinds, r->count, 1),
                               packed(r->sentences, r->sentence_count, sizeof(u32)), scale_of(r));
    release(r);
    return result;
}

#endif
