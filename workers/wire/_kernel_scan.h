/* Words of a text: a scanner that finds what the pattern in pure.py finds, and folds ASCII as forms.py does.

   Anything beyond ASCII is classified by tables that Python fills page by page, and folded by Python, behind a cache:
   so both follow the Unicode version of the interpreter that runs. */
#ifndef CLAIMWIRE_KERNEL_SCAN_H
#define CLAIMWIRE_KERNEL_SCAN_H

#include "_kernel_sets.h"

enum { MAX_CHARS = 500000, MAX_TOKENS = 50000, MAX_FORM = 64 };
enum { LETTER = 1, DIGIT = 2, CHARACTER = 4, EXTEND = 8, INVISIBLE = 16, SPACE = 32, LOWER = 64, UPPER = 128 };
enum { DECIMAL = 1, ABBREVIATION = 2 };
enum { NOT_ASCII = 0x80, PADDING = 16 };
enum { PAGES = 0x110000 >> 8, CACHED = 1 << 14, CACHED_LENGTH = 12 };

#define PRIME ((UINT64_C(1) << 61) - 1)

typedef struct {
    u64 code, spelled;
    u32 flags;
} Form;

typedef struct {
    u32 characters[CACHED_LENGTH];
    u32 length;
    Form form;
} Cached;

static PyObject *ask_classes, *ask_folded; /* set once by configure() */
static u8 *pages[PAGES];
static u8 latin[256]; /* page 0 */
static u8 lower[256]; /* ASCII in lower case; NOT_ASCII for the rest of page 0 */
static Cached *cache;

static const char *const ABBREVIATIONS[] = {
    "mr", "mrs", "ms", "dr", "prof", "gen", "col", "lt", "sgt", "capt", "maj", "adm", "sen", "rep", "gov",
    "hon", "st", "rev", "jr", "sr", "no", "vs", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
    "sept", "oct", "nov", "dec", NULL,
};
static const struct {
    const char *word, *figure;
} SPELLED[] = {
    {"two", "2"}, {"three", "3"}, {"four", "4"}, {"five", "5"}, {"six", "6"}, {"seven", "7"}, {"eight", "8"},
    {"nine", "9"}, {"ten", "10"}, {"eleven", "11"}, {"twelve", "12"}, {"thirteen", "13"}, {"fourteen", "14"},
    {"fifteen", "15"}, {"sixteen", "16"}, {"seventeen", "17"}, {"eighteen", "18"}, {"nineteen", "19"},
    {"twenty", "20"}, {"thirty", "30"}, {"forty", "40"}, {"fifty", "50"}, {"sixty", "60"}, {"seventy", "70"},
    {"eighty", "80"}, {"ninety", "90"}, {NULL, NULL},
};
/* A mark for two letters in a row; words that have other pairs may have the same marks. */
#define PAIR(one, two) (UINT64_C(1) << ((5u * (u8)(one) + (u8)(two)) & 63))
static const struct {
    const char *from, *to;
    u64 pairs; /* those of `from` */
} SPELLINGS[] = {
    {"our", "or", PAIR('o', 'u') | PAIR('u', 'r')},
    {"ll", "l", PAIR('l', 'l')},
    {"ogue", "og", PAIR('o', 'g') | PAIR('g', 'u') | PAIR('u', 'e')},
    {"mme", "m", PAIR('m', 'm') | PAIR('m', 'e')},
    {"ence", "ense", PAIR('e', 'n') | PAIR('n', 'c') | PAIR('c', 'e')},
    {"aeo", "eo", PAIR('a', 'e') | PAIR('e', 'o')},
    {"aem", "em", PAIR('a', 'e') | PAIR('e', 'm')},
    {"grey", "gray", PAIR('g', 'r') | PAIR('r', 'e') | PAIR('e', 'y')},
    {NULL, NULL, 0},
};

static u64 code_of(const char *form, size_t length)
{
    u64 code = 1;
    for (size_t i = 0; i < length; i++) {
        if (i < 7) { /* too small to be reduced */
            code = code << 8 | (u8)form[i];
            continue;
        }
        code = ((code << 8) & PRIME) | (code >> 53); /* times 256 modulo 2^61 - 1 */
        code += (u8)form[i];
        code -= code >= PRIME ? PRIME : 0;
    }
    return code;
}

/* str.replace in place; `to` is never longer than `from`. */
static size_t replace(char *at, size_t length, const char *from, const char *to)
{
    size_t from_length = strlen(from), to_length = strlen(to), kept = 0, i = 0;
    while (i < length) {
        if (at[i] == from[0] && length - i >= from_length && !memcmp(at + i, from, from_length)) {
            memcpy(at + kept, to, to_length);
            kept += to_length;
            i += from_length;
        } else {
            at[kept++] = at[i++];
        }
    }
    return kept;
}

/* forms.spelling for ASCII of five letters or more; tells whether it may have changed anything. `pairs` marks those of
   the word: they tell which patterns cannot be there, until one has been replaced. */
static int respell(char *at, size_t *length, u64 pairs)
{
    int changed = 0;
    char *z = memchr(at, 'z', *length);
    for (; z; z = memchr(z, 'z', (size_t)(at + *length - z)))
        *z = 's', changed = 1;
    for (size_t i = 0; SPELLINGS[i].from; i++)
        if (changed || (pairs & SPELLINGS[i].pairs) == SPELLINGS[i].pairs) {
            *length = replace(at, *length, SPELLINGS[i].from, SPELLINGS[i].to);
            changed = 1;
        }
    if (*length >= 3 && at[*length - 1] == 'e' && at[*length - 2] == 'r' &&
        (at[*length - 3] == 't' || at[*length - 3] == 'b')) {
        memcpy(at + *length - 2, "er", 2);
        changed = 1;
    }
    return changed;
}

/* Words that mean more than themselves, by code: filled by configure(). */
enum { KNOWN = 256 };
typedef struct {
    const char *word;
    size_t length;
    u64 code;
    Form form;
} KnownWord;
static KnownWord known_words[KNOWN];

static KnownWord *place_of(const char *word, size_t length, u64 code)
{
    size_t at = (code * ODD) >> 56;
    while (known_words[at].word && (known_words[at].code != code || known_words[at].length != length ||
                                    memcmp(known_words[at].word, word, length)))
        at = (at + 1) & (KNOWN - 1);
    return known_words + at;
}

static void know(const char *word, Form form)
{
    size_t length = strlen(word);
    u64 code = code_of(word, length);
    *place_of(word, length, code) = (KnownWord){word, length, code, form};
}

static void fill_tables(void)
{
    for (size_t i = 0; SPELLED[i].word; i++) {
        u64 code = code_of(SPELLED[i].figure, strlen(SPELLED[i].figure));
        know(SPELLED[i].word, (Form){code, code, DECIMAL});
    }
    for (u32 i = 0; i < 256; i++)
        lower[i] = (u8)(i >= 'A' && i <= 'Z' ? i + 32 : i < 128 ? i : NOT_ASCII);
    for (size_t i = 0; ABBREVIATIONS[i]; i++) {
        u64 code = code_of(ABBREVIATIONS[i], strlen(ABBREVIATIONS[i]));
        know(ABBREVIATIONS[i], (Form){code, code, ABBREVIATION});
    }
}

/* What is left to tell of a folded ASCII word; `code` is right if the word has at most seven letters. */
static Form word_form(char *at, size_t length, u64 code, u64 pairs)
{
    Form form = {0, 0, 0};
    if (length > 7)
        code = code_of(at, length);
    form.code = form.spelled = code;
    if (length <= 9) {
        const KnownWord *known = place_of(at, length, code);
        if (known->word)
            return known->form;
    }
    if (length >= 5 && respell(at, &length, pairs))
        form.spelled = code_of(at, length);
    return form;
}

static u64 pairs_of(const char *word, size_t length)
{
    u64 pairs = 0;
    for (size_t i = 1; i < length; i++)
        pairs |= PAIR(word[i - 1], word[i]);
    return pairs;
}

static Form figure_form(const u32 *word, size_t length)
{
    char at[MAX_FORM];
    size_t kept = 0;
    Form form = {0, 0, DECIMAL};
    for (size_t i = 0; i < length; i++) {
        if (word[i] == ',')
            continue;
        at[kept++] = (char)word[i];
        if (word[i] < '0' || word[i] > '9')
            form.flags = 0;
    }
    form.code = form.spelled = code_of(at, kept);
    return form;
}

/* forms.folded for ASCII. */
static Form fold_ascii(const u32 *word, size_t length)
{
    char at[MAX_FORM];
    size_t kept = 0;
    if (word[0] >= '0' && word[0] <= '9')
        return figure_form(word, length);
    for (size_t i = 0; i < length; i++)
        if (word[i] != '.')
            at[kept++] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] + 32 : word[i]);
    if (kept >= 2 && at[kept - 2] == '\'' && at[kept - 1] == 's')
        kept -= 2;
    return word_form(at, kept, code_of(at, kept), pairs_of(at, kept));
}

static int ask_form(PyObject *text, size_t start, size_t end, Form *form)
{
    PyObject *word = PyUnicode_Substring(text, (Py_ssize_t)start, (Py_ssize_t)end);
    PyObject *told = word ? PyObject_CallFunctionObjArgs(ask_folded, word, NULL) : NULL;
    unsigned long long code, spelled;
    unsigned int flags;
    int failed = !told || !PyArg_ParseTuple(told, "KKI", &code, &spelled, &flags);
    if (!failed)
        *form = (Form){code, spelled, flags};
    Py_XDECREF(told);
    Py_XDECREF(word);
    return failed ? -1 : 0;
}

/* forms.folded for any word of at most MAX_FORM characters. */
static int fold(PyObject *text, const u32 *characters, size_t start, size_t end, Form *form)
{
    const u32 *word = characters + start;
    size_t length = end - start;
    u32 every = 0;
    u64 hash = length;
    Cached *place;
    for (size_t i = 0; i < length; i++)
        every |= word[i];
    if (every < 128) {
        *form = fold_ascii(word, length);
        return 0;
    }
    if (length > CACHED_LENGTH)
        return ask_form(text, start, end, form);
    if (!cache && !(cache = allocate(CACHED, sizeof *cache)))
        return -1;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ word[i]) * ODD;
    place = cache + (mix(hash) & (CACHED - 1));
    if (place->length != length || memcmp(place->characters, word, length * sizeof *word)) {
        if (ask_form(text, start, end, form) < 0)
            return -1;
        memcpy(place->characters, word, length * sizeof *word);
        place->length = (u32)length;
        place->form = *form;
    }
    *form = place->form;
    return 0;
}

static int load_page(u32 page)
{
    PyObject *told = PyObject_CallFunction(ask_classes, "I", (unsigned int)page);
    View view;
    u8 *made;
    if (!told)
        return -1;
    if (view_of(told, 1, &view) < 0 || view.count != 256) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "a page has 256 classes");
        Py_DECREF(told);
        return -1;
    }
    if ((made = allocate_raw(256, 1))) {
        memcpy(made, view.at, 256);
        if (!page)
            memcpy(latin, view.at, 256);
        free(pages[page]); /* the asking may have let another thread ask the same */
        pages[page] = made;
    }
    Py_DECREF(told);
    return made ? 0 : -1;
}

/* One text being read. Characters, classes and lower end with zeros that are no characters of the text. */
typedef struct {
    PyObject *text;
    u32 *characters;
    u8 *classes;
    u8 *lower; /* each character in lower case if it is ASCII, else NOT_ASCII */
    size_t length;
    u32 *starts, *ends, *sentences;
    u64 *codes, *spelled;
    u8 *kinds;
    size_t count, room, sentence_count, single;
    int hard, soft, abbreviated;
} Reading;

static void release(Reading *reading)
{
    free(reading->characters);
    free(reading->classes);
    free(reading->lower);
    free(reading->starts);
    free(reading->ends);
    free(reading->sentences);
    free(reading->codes);
    free(reading->spelled);
    free(reading->kinds);
}

/* realloc of an array in place; sets MemoryError and returns -1 from the function that uses it. */
#define RESIZE(array, count)                                                                                           \
    do {                                                                                                               \
        void *made = realloc(array, (count) * sizeof *(array));                                                        \
        if (!made) {                                                                                                   \
            PyErr_NoMemory();                                                                                          \
            return -1;                                                                                                 \
        }                                                                                                              \
        (array) = made;                                                                                                \
    } while (0)

static int make_room(Reading *reading, size_t room)
{
    if (room > MAX_TOKENS)
        room = MAX_TOKENS;
    RESIZE(reading->starts, room);
    RESIZE(reading->ends, room);
    RESIZE(reading->sentences, room);
    RESIZE(reading->codes, room);
    RESIZE(reading->spelled, room);
    RESIZE(reading->kinds, room);
    reading->room = room;
    return 0;
}

static int open_text(Reading *reading, PyObject *text, size_t length)
{
    if (!(reading->characters = allocate_raw(length + 2, sizeof(u32))) ||
        !(reading->classes = allocate_raw(length + PADDING, 1)) ||
        !(reading->lower = allocate_raw(length + PADDING, 1)) || make_room(reading, length / 5 + 16) < 0)
        return -1;
    if (!PyUnicode_AsUCS4(text, (Py_UCS4 *)reading->characters, (Py_ssize_t)length + 1, 1))
        return -1;
    reading->characters[length + 1] = 0;
    reading->text = text;
    reading->length = length;
    for (size_t i = 0; i < length; i++) {
        u32 character = reading->characters[i];
        if (character < 256) {
            reading->classes[i] = latin[character];
            reading->lower[i] = lower[character];
            continue;
        }
        if (!pages[character >> 8] && load_page(character >> 8) < 0)
            return -1;
        reading->classes[i] = pages[character >> 8][character & 255];
        reading->lower[i] = NOT_ASCII;
    }
    memset(reading->classes + length, 0, PADDING);
    memset(reading->lower + length, 0, PADDING);
    return 0;
}

static int is_capital(u32 character)
{
    return character >= 'A' && character <= 'Z';
}

/* Past the end of initials that begin at `at` ("U.S."), or `at` if there are none. */
static size_t initials_end(const Reading *reading, size_t at)
{
    const u32 *character = reading->characters;
    size_t end = at + 1;
    if (!is_capital(character[at]))
        return at;
    while (character[end] == '.' && is_capital(character[end + 1]))
        end += 2;
    if (end > at + 1 && reading->classes[end] & LETTER)
        end -= 2;
    if (end == at + 1)
        return at;
    return character[end] == '.' ? end + 1 : end;
}

static int is_apostrophe(u32 character)
{
    return character == '\'' || character == 0x2019 || character == 0x02BC;
}

static size_t word_end(const Reading *reading, size_t at)
{
    for (;;) {
        while (reading->classes[at] & (LETTER | EXTEND))
            at++;
        if (!is_apostrophe(reading->characters[at]) || !(reading->classes[at + 1] & LETTER))
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
    const u8 *class = reading->classes;
    for (;;) {
        size_t unseen = 0;
        while (class[at] & DIGIT)
            at++;
        if (joins_digits(reading->characters[at]) && class[at + 1] & DIGIT) {
            at++;
            continue;
        }
        while (unseen < 5 && class[at + unseen] & INVISIBLE)
            unseen++;
        if (!unseen || unseen > 4 || !(class[at + unseen] & DIGIT))
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
    if (is_full_stop(reading->characters[at]))
        return at + 1;
    while (end - at < 5 && is_stop(reading->characters[end]))
        end++;
    if (end == at || end - at > 4)
        return at;
    while (closing < 4 && is_closing(reading->characters[end + closing]))
        closing++;
    end += closing;
    return closing <= 3 && end < reading->length && reading->classes[end] & (SPACE | INVISIBLE) ? end : at;
}

/* Past the end of a paragraph's break at the line's end `at`, or `at`. */
static size_t paragraph_end(const Reading *reading, size_t at)
{
    size_t end = at + 1;
    while (end - at <= 8 && (reading->characters[end] == ' ' || reading->characters[end] == '\t' ||
                             reading->characters[end] == '\r'))
        end++;
    return end < reading->length && reading->characters[end] == '\n' ? end + 1 : at;
}

#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Words of at most fifteen ASCII letters, eight characters at a time and behind a cache by their letters: a loop that
   ends where nobody can foresee costs more than what it does. */
enum { WORDS_CACHED = 1 << 12 };
static struct {
    u64 head, tail; /* the letters; a word is never empty, so neither is a place that is taken */
    Form form;
} word_cache[WORDS_CACHED];

#define EVERY_BYTE UINT64_C(0x0101010101010101)

/* How many of the eight characters at `at` belong to a word; `letters` are those, in lower case. */
static size_t word_letters(const Reading *reading, size_t at, u64 *letters)
{
    u64 class, ends;
    size_t length;
    memcpy(&class, reading->classes + at, 8);
    memcpy(letters, reading->lower + at, 8);
    ends = ~(class | class >> 3) & EVERY_BYTE; /* neither LETTER, 1, nor EXTEND, 8 */
    if (!ends)
        return 8;
    length = (size_t)__builtin_ctzll(ends) / 8;
    *letters &= (UINT64_C(1) << 8 * length) - 1;
    return length;
}

static size_t cached_word(const Reading *reading, size_t at, Form *form)
{
    u64 head, tail = 0;
    size_t length = word_letters(reading, at, &head), place;
    char word[16];
    if (length == 8)
        length += word_letters(reading, at + 8, &tail);
    if (length == 16 || (head | tail) & NOT_ASCII * EVERY_BYTE || is_apostrophe(reading->characters[at + length]) ||
        (length == 1 && reading->characters[at + 1] == '.'))
        return at;
    place = (head * ODD ^ tail * PRIME) >> 52;
    if (word_cache[place].head != head || word_cache[place].tail != tail) {
        memcpy(word, &head, 8);
        memcpy(word + 8, &tail, 8);
        word_cache[place].form = word_form(word, length, code_of(word, length), pairs_of(word, length));
        word_cache[place].head = head;
        word_cache[place].tail = tail;
    }
    *form = word_cache[place].form;
    return at + length;
}
#else
static size_t cached_word(const Reading *reading, size_t at, Form *form)
{
    (void)reading, (void)form;
    return at;
}
#endif

/* Most words are ASCII letters and nothing else: those are found and folded in one pass. Returns the word's end, or `at`
   if it is of another sort. */
static size_t plain_word(const Reading *reading, size_t at, Form *form)
{
    const u8 *character = reading->lower + at;
    char word[MAX_FORM];
    size_t length = 0;
    u64 code = 1, pairs = 0;
    u8 letter = 0;
    while (length < MAX_FORM && (u8)(character[length] - 'a') < 26) {
        u8 next = character[length];
        pairs |= PAIR(letter, next);
        code = code << 8 | next;
        word[length++] = (char)next;
        letter = next;
    }
    if (length == MAX_FORM || reading->classes[at + length] & (LETTER | EXTEND) ||
        is_apostrophe(reading->characters[at + length]) || (length == 1 && character[1] == '.'))
        return at;
    *form = word_form(word, length, code, pairs);
    return at + length;
}

static void add_token(Reading *reading, size_t start, size_t end, int is_figure, Form form)
{
    size_t index = reading->count;
    u8 class = reading->classes[start];
    if (reading->hard || (reading->soft && !(class & LOWER)))
        reading->sentences[reading->sentence_count++] = (u32)index;
    reading->hard = reading->soft = 0;
    reading->abbreviated = form.flags & ABBREVIATION || (end - start == 1 && class & UPPER);
    reading->starts[index] = (u32)start;
    reading->ends[index] = (u32)end;
    reading->codes[index] = form.code;
    reading->spelled[index] = form.spelled;
    reading->kinds[index] = is_figure || form.flags & DECIMAL ? FIGURE : WORD;
    reading->count++;
}

/* Past the end of what stands between words at `at`, one character at least. */
static size_t pass(Reading *reading, size_t at)
{
    size_t end;
    if (reading->characters[at] == '\n') {
        end = paragraph_end(reading, at);
        reading->soft = 1;
        reading->hard |= end > at;
        return end > at ? end : at + 1;
    }
    end = stop_end(reading, at);
    if (end == at)
        return at + 1;
    if (!reading->abbreviated || reading->ends[reading->count - 1] != at || reading->characters[at] != '.')
        reading->soft = 1;
    return end;
}

/* Past the end of the token at `at`, with its form; 0 if Python failed. */
static size_t read_token(Reading *reading, size_t at, Form *form)
{
    size_t end = at;
    u8 class = reading->classes[at];
    if (class & LETTER) {
        if ((end = cached_word(reading, at, form)) > at || (end = plain_word(reading, at, form)) > at)
            return end;
        end = initials_end(reading, at);
        end = end > at ? end : word_end(reading, at);
    } else if (class & DIGIT) {
        end = figure_end(reading, at);
    } else {
        end = at + 1;
        reading->single++;
    }
    if (fold(reading->text, reading->characters, at, end - at > MAX_FORM ? at + MAX_FORM : end, form) < 0)
        return 0;
    return end;
}

static int find_tokens(Reading *reading)
{
    size_t at = 0, end;
    reading->hard = 1;
    while (at < reading->length) {
        u8 class = reading->classes[at];
        Form form;
        if (reading->characters[at] == ' ') {
            at++;
            continue;
        }
        if (!(class & (LETTER | DIGIT | CHARACTER))) {
            at = pass(reading, at);
            continue;
        }
        if (reading->count == MAX_TOKENS)
            return 0;
        if (reading->count == reading->room && make_room(reading, 2 * reading->room) < 0)
            return -1;
        if (!(end = read_token(reading, at, &form)))
            return -1;
        add_token(reading, at, end, !(class & LETTER) && class & DIGIT, form);
        at = end;
    }
    return 0;
}

static int is_opening(u32 character)
{
    return character == '"' || character == '\'' || character == 0x201C || character == 0x2018 || character == '(' ||
           character == 0xAB || character == '[' || character == 0x201E;
}

static int is_capitalised(const Reading *reading, size_t index)
{
    return reading->kinds[index] == WORD && reading->classes[reading->starts[index]] & UPPER;
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
            if (is_capitalised(reading, index) && !is_opening(reading->characters[reading->starts[index] - 1]))
                reading->kinds[index] = NAME;
    }
}

static PyObject *scan(PyObject *module, PyObject *text)
{
    Reading reading = {0};
    PyObject *read = NULL, *result = NULL;
    Py_ssize_t length;
    (void)module;
    if (!ask_classes) {
        PyErr_SetString(PyExc_RuntimeError, "configure() comes first");
        return NULL;
    }
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a text is a str");
        return NULL;
    }
    if ((length = PyUnicode_GetLength(text)) < 0)
        return NULL;
    if (length > MAX_CHARS)
        length = MAX_CHARS;
    if (!(read = PyUnicode_Substring(text, 0, length)))
        return NULL;
    if (open_text(&reading, read, (size_t)length) == 0 && find_tokens(&reading) == 0) {
        mark_names(&reading);
        result = Py_BuildValue(
            "NNNNNNi", packed(reading.starts, reading.count, sizeof(u32)),
            packed(reading.ends, reading.count, sizeof(u32)), packed(reading.codes, reading.count, sizeof(u64)),
            packed(reading.spelled, reading.count, sizeof(u64)), packed(reading.kinds, reading.count, 1),
            packed(reading.sentences, reading.sentence_count, sizeof(u32)),
            2 * reading.single <= reading.count ? 1 : 2);
    }
    release(&reading);
    Py_DECREF(read);
    return result;
}

#endif
