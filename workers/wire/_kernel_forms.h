/* Characters and forms: what forms.py says of them.

   ASCII is folded here. Anything else is classified by tables that Python fills page by page, and folded by Python,
   behind a cache: so both follow the Unicode version of the interpreter that runs. */
#ifndef CLAIMWIRE_KERNEL_FORMS_H
#define CLAIMWIRE_KERNEL_FORMS_H

#include "_kernel_sets.h"

enum { MAX_FORM = 64 };
enum { LETTER = 1, DIGIT = 2, CHARACTER = 4, EXTEND = 8, INVISIBLE = 16, SPACE = 32, LOWER = 64, UPPER = 128 };
enum { DECIMAL = 1, ABBREVIATION = 2 };
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

static PyObject *ask_classes, *ask_folded, *say_isascii; /* set once by configure() */
static u8 *pages[PAGES];
static u8 latin[256]; /* page 0 */
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
    for (size_t i = 0; ABBREVIATIONS[i]; i++) {
        u64 code = code_of(ABBREVIATIONS[i], strlen(ABBREVIATIONS[i]));
        know(ABBREVIATIONS[i], (Form){code, code, ABBREVIATION});
    }
}

static u64 pairs_of(const char *word, size_t length)
{
    u64 pairs = 0;
    for (size_t i = 1; i < length; i++)
        pairs |= PAIR(word[i - 1], word[i]);
    return pairs;
}

/* What an ASCII word means that is in lower case, without dots and without 's; it may be respelled in place. */
static Form word_form(char *at, size_t length)
{
    u64 code = code_of(at, length);
    Form form = {code, code, 0};
    if (length <= 9) {
        const KnownWord *known = place_of(at, length, code);
        if (known->word)
            return known->form;
    }
    if (length >= 5 && respell(at, &length, pairs_of(at, length)))
        form.spelled = code_of(at, length);
    return form;
}

static Form figure_form(const u8 *word, size_t length)
{
    char at[MAX_FORM];
    size_t kept = 0;
    Form form = {0, 0, DECIMAL};
    for (size_t i = 0; i < length; i++) {
        if (word[i] == ',' || word[i] == ' ')
            continue;
        at[kept++] = (char)word[i];
        if (word[i] < '0' || word[i] > '9')
            form.flags = 0;
    }
    form.code = form.spelled = code_of(at, kept);
    return form;
}

/* forms.folded for ASCII. */
static Form fold_ascii(const u8 *word, size_t length)
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
    return word_form(at, kept);
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

/* forms.folded for any word of at most MAX_FORM characters. `bytes` are all below 128 if it is ASCII; otherwise `wide`
   holds its characters. */
static int fold(PyObject *text, const u8 *bytes, const u32 *wide, size_t start, size_t end, Form *form)
{
    const u32 *word;
    size_t length = end - start;
    u8 every = 0;
    u64 hash = length;
    Cached *place;
    for (size_t i = start; i < end; i++)
        every |= bytes[i];
    if (every < 128) {
        *form = fold_ascii(bytes + start, length);
        return 0;
    }
    if (length > CACHED_LENGTH)
        return ask_form(text, start, end, form);
    word = wide + start;
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

#endif
