/* Words of a text: a scanner that finds what the pattern in scanning.py finds. */
#ifndef CLAIMWIRE_KERNEL_SCAN_H
#define CLAIMWIRE_KERNEL_SCAN_H

#include "_kernel_forms.h"

enum { MAX_CHARS = 500000, MAX_TOKENS = 50000 };
enum { NOT_ASCII = 0x80, PADDING = 24 };
enum { KIND = 3, CAPITAL = 4, OPENED = 8 }; /* begins with a capital; behind a mark that opens */

/* One text that was read: its words. All arrays lie in one block. */
typedef struct {
    size_t users;
    PyObject *whole; /* the text that was asked for */
    void *block;
    u64 *codes, *spelled;
    u32 *starts, *ends, *sentences;
    u8 *kinds;
    size_t length, count, sentence_count;
    int scale; /* tokens that say as much as one spaced word does */
} Reading;

static void release(Reading *reading)
{
    if (!reading || --reading->users)
        return;
    Py_XDECREF(reading->whole);
    free(reading->block);
    free(reading);
}

/* One text that is being read, with room for a token at every character. */
typedef struct {
    PyObject *text; /* as much of it as is read */
    void *block;
    size_t block_bytes;
    u8 *bytes; /* ASCII as it is, NOT_ASCII for the rest; ends with zeros that are no characters of the text */
    u32 *wide; /* the characters, if not all are ASCII */
    size_t length;
    u64 *codes, *spelled;
    u32 *starts, *ends, *sentences;
    u8 *marks; /* kind of each token, and what says that it may be a name */
    size_t count, room, sentence_count, single;
    int hard, soft, abbreviated;
} Draft;

/* What the last draft was written on, unless it was long: the next text finds it in the processor's cache. A sanitizer
   that watches the ends of what was allocated gets a sheet of its own for every text. */
#if defined(__SANITIZE_ADDRESS__)
enum { SHEET_MOST = 0 };
#else
enum { SHEET_MOST = 1 << 20 };
#endif
static void *sheet;
static size_t sheet_bytes;

static void take_sheet(Draft *draft, size_t size)
{
    void *found = sheet;
    draft->block_bytes = sheet_bytes;
    sheet = NULL; /* whoever reads while this text is being read has one of its own */
    if (found && draft->block_bytes < size) {
        free(found);
        found = NULL;
    }
    if (!found) {
        draft->block_bytes = size;
        found = allocate_raw(size, 1);
    }
    draft->block = found;
}

static void close_draft(Draft *draft)
{
    Py_XDECREF(draft->text);
    if (sheet || draft->block_bytes > SHEET_MOST) {
        free(draft->block);
        return;
    }
    sheet = draft->block;
    sheet_bytes = draft->block_bytes;
}

static void take_part(char **from, void *array, size_t size)
{
    memcpy(array, from, sizeof *from);
    *from += size;
}

static void take_copy(char **from, void *array, const void *source, size_t size)
{
    if (size)
        memcpy(*from, source, size);
    take_part(from, array, size);
}

static int lay_out(Draft *draft, int wide)
{
    size_t length = draft->length, room = length < MAX_TOKENS ? length : MAX_TOKENS;
    size_t characters = wide ? (length + 2) * sizeof(u32) : 0;
    char *at;
    take_sheet(draft, room * 29 + characters + length + PADDING);
    if (!(at = draft->block))
        return -1;
    take_part(&at, &draft->codes, room * sizeof(u64));
    take_part(&at, &draft->spelled, room * sizeof(u64));
    take_part(&at, &draft->starts, room * sizeof(u32));
    take_part(&at, &draft->ends, room * sizeof(u32));
    take_part(&at, &draft->sentences, room * sizeof(u32));
    if (wide)
        take_part(&at, &draft->wide, characters);
    take_part(&at, &draft->marks, room);
    take_part(&at, &draft->bytes, length + PADDING);
    memset(draft->bytes + length, 0, PADDING);
    draft->room = room;
    return 0;
}

static int open_ascii(Draft *draft, const char *characters)
{
    if (lay_out(draft, 0) < 0)
        return -1;
    memcpy(draft->bytes, characters, draft->length);
    return 0;
}

static int open_wide(Draft *draft)
{
    size_t length = draft->length;
    if (lay_out(draft, 1) < 0 ||
        !PyUnicode_AsUCS4(draft->text, (Py_UCS4 *)draft->wide, (Py_ssize_t)length + 1, 1))
        return -1;
    draft->wide[length + 1] = 0;
    for (size_t i = 0; i < length; i++) {
        u32 character = draft->wide[i];
        draft->bytes[i] = (u8)(character < 128 ? character : NOT_ASCII);
        if (character >= 256 && !pages[character >> 8] && load_page(character >> 8) < 0)
            return -1;
    }
    return 0;
}

/* The first MAX_CHARS of a text. */
static int open_text(Draft *draft, PyObject *text)
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
    draft->text = length > MAX_CHARS ? PyUnicode_Substring(text, 0, MAX_CHARS) : Py_NewRef(text);
    if (!draft->text || !(ascii = PyObject_CallMethodObjArgs(draft->text, say_isascii, NULL)))
        return -1;
    is_ascii = ascii == Py_True;
    Py_DECREF(ascii);
    draft->length = (size_t)(length > MAX_CHARS ? MAX_CHARS : length);
    if (!is_ascii)
        return open_wide(draft);
    if (!(characters = PyUnicode_AsUTF8AndSize(draft->text, &said)))
        return -1;
    if ((size_t)said != draft->length) { /* a str that lies about itself */
        PyErr_SetString(PyExc_ValueError, "a text of no length");
        return -1;
    }
    return open_ascii(draft, characters);
}

static u32 character_at(const Draft *draft, size_t at)
{
    u8 byte = draft->bytes[at];
    return byte < NOT_ASCII ? byte : draft->wide[at];
}

static u8 class_at(const Draft *draft, size_t at)
{
    u8 byte = draft->bytes[at];
    u32 character = byte;
    if (byte >= NOT_ASCII && (character = draft->wide[at]) > 255)
        return pages[character >> 8][character & 255];
    return latin[character];
}

static int is_capital(u32 character)
{
    return character >= 'A' && character <= 'Z';
}

/* Past the end of initials that begin at `at` ("U.S."), or `at` if there are none. */
static size_t initials_end(const Draft *draft, size_t at)
{
    const u8 *byte = draft->bytes;
    size_t end = at + 1;
    if (!is_capital(byte[at]))
        return at;
    while (byte[end] == '.' && is_capital(byte[end + 1]))
        end += 2;
    if (end > at + 1 && class_at(draft, end) & LETTER)
        end -= 2;
    if (end == at + 1)
        return at;
    return byte[end] == '.' ? end + 1 : end;
}

static int is_apostrophe(u32 character)
{
    return character == '\'' || character == 0x2019 || character == 0x02BC;
}

static size_t word_end(const Draft *draft, size_t at)
{
    for (;;) {
        while (class_at(draft, at) & (LETTER | EXTEND))
            at++;
        if (!is_apostrophe(character_at(draft, at)) || !(class_at(draft, at + 1) & LETTER))
            return at;
        at++;
    }
}

static int joins_digits(u32 character)
{
    return character == '.' || character == ',' || character == ':' || character == 0x066B || character == 0x066C;
}

static int is_hard_space(u32 character)
{
    return character == 0xA0 || character == 0x2009 || character == 0x202F;
}

static int is_digit(const Draft *draft, size_t at)
{
    return class_at(draft, at) & DIGIT;
}

/* Whether three digits and no more stand behind the character at `at`. */
static int three_digits(const Draft *draft, size_t at)
{
    return is_digit(draft, at + 1) && is_digit(draft, at + 2) && is_digit(draft, at + 3) && !is_digit(draft, at + 4);
}

/* Past the end of the digits at `at`, thousands set apart by spaces included. */
static size_t digits_end(const Draft *draft, size_t at)
{
    size_t first = at, end;
    while (is_digit(draft, at))
        at++;
    if (at - first > 3)
        return at;
    for (end = at; is_hard_space(character_at(draft, end)) && three_digits(draft, end);)
        end += 4;
    if (end > at || draft->bytes[at] != ' ' || !three_digits(draft, at))
        return end;
    if (first > 1 && draft->bytes[first - 1] == ' ' && is_digit(draft, first - 2))
        return at; /* a row of figures */
    return draft->bytes[at + 4] == ' ' && is_digit(draft, at + 5) ? at : at + 4;
}

static size_t figure_end(const Draft *draft, size_t at)
{
    at = digits_end(draft, at);
    for (;;) {
        size_t unseen = 0;
        while (class_at(draft, at) & DIGIT)
            at++;
        if (joins_digits(character_at(draft, at)) && class_at(draft, at + 1) & DIGIT) {
            at++;
            continue;
        }
        while (unseen < 5 && class_at(draft, at + unseen) & INVISIBLE)
            unseen++;
        if (!unseen || unseen > 4 || !(class_at(draft, at + unseen) & DIGIT))
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
static size_t stop_end(const Draft *draft, size_t at)
{
    size_t end = at, closing = 0;
    if (is_full_stop(character_at(draft, at)))
        return at + 1;
    while (end - at < 5 && is_stop(character_at(draft, end)))
        end++;
    if (end == at || end - at > 4)
        return at;
    while (closing < 4 && is_closing(character_at(draft, end + closing)))
        closing++;
    end += closing;
    return closing <= 3 && end < draft->length && class_at(draft, end) & (SPACE | INVISIBLE) ? end : at;
}

/* Past the end of a paragraph's break at the line's end `at`, or `at`. */
static size_t paragraph_end(const Draft *draft, size_t at)
{
    const u8 *byte = draft->bytes;
    size_t end = at + 1;
    while (end - at <= 8 && (byte[end] == ' ' || byte[end] == '\t' || byte[end] == '\r'))
        end++;
    return end < draft->length && byte[end] == '\n' ? end + 1 : at;
}

static int is_opening(u32 character)
{
    return character == '"' || character == '\'' || character == 0x201C || character == 0x2018 || character == '(' ||
           character == 0xAB || character == '[' || character == 0x201E;
}

/* Most words are at most fifteen ASCII letters: those are found eight letters at a time, and their forms lie behind a
   cache by their letters, for a loop that ends where nobody can foresee costs more than what it does. */
enum { WORD_BITS = 14, CACHED_LETTERS = 15 };
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
static ALWAYS_INLINE size_t letters_at(const u8 *at, u64 *letters)
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
static int may_go_on(const Draft *draft, size_t end)
{
    u8 byte = draft->bytes[end];
    if (byte < NOT_ASCII)
        return byte == '\'';
    return class_at(draft, end) & (LETTER | EXTEND) || is_apostrophe(draft->wide[end]);
}

/* Past the end of a plain word of which the letters end at `end`, perhaps with 's, or 0 if it is of another sort. */
static size_t plain_end(const Draft *draft, size_t at, size_t end)
{
    size_t past = end + 2;
    if (!may_go_on(draft, end))
        return end == at + 1 && draft->bytes[end] == '.' && is_capital(draft->bytes[at]) ? 0 : end;
    if (class_at(draft, end) & (LETTER | EXTEND))
        return 0;
    if (!(class_at(draft, end + 1) & LETTER))
        return end;
    if ((draft->bytes[end + 1] | 0x20) != 's' || may_go_on(draft, past) ||
        (draft->bytes[past] < NOT_ASCII && latin[draft->bytes[past]] & LETTER))
        return 0;
    return past;
}

static CachedWord unknown_word(u64 head, u64 tail, size_t length)
{
    char word[CACHED_LETTERS];
    Form form;
    for (size_t i = 0; i < length; i++)
        word[i] = (char)((i < 8 ? head >> 8 * i : tail >> 8 * (i - 8)) & 255);
    form = word_form(word, length);
    return (CachedWord){head, tail, form.code, form.spelled << 2 | form.flags};
}

/* Past the end of the plain word at `at` with its form, or 0 if it is of another sort. */
static size_t plain_word(const Draft *draft, size_t at, Form *form)
{
    u64 head, tail = 0;
    size_t length = letters_at(draft->bytes + at, &head), end;
    CachedWord *place;
    if (length == 8)
        length += letters_at(draft->bytes + at + 8, &tail);
    if (!length || length > CACHED_LETTERS || !(end = plain_end(draft, at, at + length)))
        return 0;
    place = words + ((head * ODD ^ tail * PRIME) >> (64 - WORD_BITS));
    if (place->head != head || place->tail != tail)
        *place = unknown_word(head, tail, length);
    *form = (Form){place->code, place->spelled_flags >> 2, (u32)(place->spelled_flags & 3)};
    return end;
}

static void add_token(Draft *draft, size_t start, size_t end, u8 class, Form form)
{
    size_t index = draft->count++;
    u8 marks = (class & (LETTER | DIGIT)) == DIGIT || form.flags & DECIMAL ? FIGURE : WORD;
    if (draft->hard || (draft->soft && !(class & LOWER)))
        draft->sentences[draft->sentence_count++] = (u32)index;
    draft->hard = draft->soft = 0;
    draft->abbreviated = form.flags & ABBREVIATION || (end - start == 1 && class & UPPER);
    if (class & UPPER)
        marks |= CAPITAL | (start && is_opening(character_at(draft, start - 1)) ? OPENED : 0);
    draft->starts[index] = (u32)start;
    draft->ends[index] = (u32)end;
    draft->codes[index] = form.code;
    draft->spelled[index] = form.spelled;
    draft->marks[index] = marks;
}

/* Past the end of what stands between words at `at`, one character at least. */
static size_t pass(Draft *draft, size_t at)
{
    size_t end;
    if (draft->bytes[at] == '\n') {
        end = paragraph_end(draft, at);
        draft->soft = 1;
        draft->hard |= end > at;
        return end > at ? end : at + 1;
    }
    end = stop_end(draft, at);
    if (end == at)
        return at + 1;
    if (!draft->abbreviated || draft->ends[draft->count - 1] != at || draft->bytes[at] != '.')
        draft->soft = 1;
    return end;
}

/* Past the end of the token at `at`, with its form; 0 if Python failed. */
static size_t read_token(Draft *draft, size_t at, u8 class, Form *form)
{
    size_t end = at;
    if (class & LETTER) {
        if ((end = plain_word(draft, at, form)))
            return end;
        end = initials_end(draft, at);
        end = end > at ? end : word_end(draft, at);
    } else if (class & DIGIT) {
        end = figure_end(draft, at);
    } else {
        end = at + 1;
        draft->single++;
    }
    if (fold(draft->text, draft->bytes, draft->wide, at, end - at > MAX_FORM ? at + MAX_FORM : end, form) < 0)
        return 0;
    return end;
}

static int find_tokens(Draft *draft)
{
    size_t at = 0, end;
    draft->hard = 1;
    if (!words && !(words = allocate((size_t)1 << WORD_BITS, sizeof *words)))
        return -1;
    while (at < draft->length) {
        u8 class;
        Form form;
        if (draft->bytes[at] == ' ') {
            at++;
            continue;
        }
        class = class_at(draft, at);
        if (!(class & (LETTER | DIGIT | CHARACTER))) {
            at = pass(draft, at);
            continue;
        }
        if (draft->count == draft->room)
            return 0;
        if (!(end = read_token(draft, at, class, &form)))
            return -1;
        add_token(draft, at, end, class, form);
        at = end;
    }
    return 0;
}

/* Turns capitalised words into names, except where capitals say nothing: see scanning.py. */
static void mark_names(Draft *draft)
{
    u8 *marks = draft->marks;
    for (size_t i = 0; i < draft->sentence_count; i++) {
        size_t first = draft->sentences[i], capitals = 0;
        size_t last = i + 1 < draft->sentence_count ? draft->sentences[i + 1] : draft->count;
        for (size_t index = first; index < last; index++)
            capitals += (marks[index] & (KIND | CAPITAL)) == (WORD | CAPITAL);
        if (!capitals || (5 * capitals > 3 * (last - first) && last - first >= 4))
            continue;
        for (size_t index = first + 1; index < last; index++)
            if (marks[index] == (WORD | CAPITAL))
                marks[index] = NAME;
    }
}

/* The words of a draft, in no more room than they take. */
static Reading *made_of(const Draft *draft, PyObject *whole)
{
    size_t count = draft->count;
    Reading *made = allocate(1, sizeof *made);
    char *at = made ? allocate_raw(count * 25 + draft->sentence_count * sizeof(u32), 1) : NULL;
    if (!at) {
        free(made);
        return NULL;
    }
    *made = (Reading){.users = 1, .whole = Py_NewRef(whole), .block = at, .length = draft->length, .count = count,
                      .sentence_count = draft->sentence_count, .scale = 2 * draft->single <= count ? 1 : MAX_SCALE};
    take_copy(&at, &made->codes, draft->codes, count * sizeof(u64));
    take_copy(&at, &made->spelled, draft->spelled, count * sizeof(u64));
    take_copy(&at, &made->starts, draft->starts, count * sizeof(u32));
    take_copy(&at, &made->ends, draft->ends, count * sizeof(u32));
    take_copy(&at, &made->sentences, draft->sentences, draft->sentence_count * sizeof(u32));
    made->kinds = (u8 *)at;
    for (size_t i = 0; i < count; i++)
        made->kinds[i] = draft->marks[i] & KIND;
    return made;
}

/* A text is sketched, compared and read in turn, and the same wire stories are asked for again and again: what was read
   last is kept, unless it is long. Whoever uses a reading holds it, for to make an object may run a finaliser that reads
   other texts. */
enum { KEPT = 128, KEPT_CHARS = 16384, KEPT_CHARS_IN_ALL = 1 << 19 };
static Reading *kept[KEPT];
static const PyObject *kept_texts[KEPT];
static size_t kept_from, kept_count, kept_chars; /* the oldest; how many; their length */

static void forget_oldest(void)
{
    Reading *forgotten = kept[kept_from];
    kept[kept_from] = NULL;
    kept_texts[kept_from] = NULL;
    kept_from = (kept_from + 1) % KEPT;
    kept_count--;
    kept_chars -= forgotten->length;
    release(forgotten);
}

static void keep(Reading *reading)
{
    size_t place;
    if (reading->length > KEPT_CHARS)
        return;
    while (kept_count == KEPT || kept_chars + reading->length > KEPT_CHARS_IN_ALL)
        forget_oldest();
    place = (kept_from + kept_count) % KEPT;
    reading->users++;
    kept[place] = reading;
    kept_texts[place] = reading->whole;
    kept_count++;
    kept_chars += reading->length;
}

static void forget(void)
{
    while (kept_count)
        forget_oldest();
}

/* A text read, to be released; NULL with an exception set. */
static Reading *read_text(PyObject *text)
{
    Draft draft = {0};
    Reading *made = NULL;
    for (size_t i = 0; i < KEPT; i++)
        if (kept_texts[i] == text) {
            kept[i]->users++;
            return kept[i];
        }
    if (open_text(&draft, text) == 0 && find_tokens(&draft) == 0) {
        mark_names(&draft);
        if ((made = made_of(&draft, text)))
            keep(made);
    }
    close_draft(&draft);
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
                               packed(r->sentences, r->sentence_count, sizeof(u32)), r->scale);
    release(r);
    return result;
}

#endif
