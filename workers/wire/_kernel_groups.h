/* Numbers of a text, the same ones in one group, and where another text has them. */
#ifndef CLAIMWIRE_KERNEL_GROUPS_H
#define CLAIMWIRE_KERNEL_GROUPS_H

#include "_kernel_sets.h"

enum { PLACES = 16 };

/* Groups are found by hashing; where somebody chose the numbers so that they fall on one place, they are searched. */
typedef struct {
    u64 *values;  /* of each group; in the order in which they came, or ascending if they are searched */
    u32 *group;   /* of each number */
    u32 *slots;   /* 1 + group, or 0; NULL if the groups are searched */
    u32 *places;  /* PLACES of each group, once they are asked for */
    u8 *occupied; /* how many of them */
    size_t count, mask;
    int shift;
    void *block;
} Groups;

static size_t searched_group(const Groups *g, u64 value)
{
    size_t place = lower_bound(g->values, 0, g->count, value);
    return place < g->count && g->values[place] == value ? place : SIZE_MAX;
}

/* The slot of a value or the free one where it would be put; NULL if that is too far. */
static u32 *slot_of(const Groups *g, u64 value)
{
    size_t place = (size_t)((value * ODD) >> g->shift);
    for (int probes = 0; probes < PROBES; probes++) {
        u32 slot = g->slots[place];
        if (!slot || g->values[slot - 1] == value)
            return g->slots + place;
        place = (place + 1) & g->mask;
    }
    return NULL;
}

/* The group of a number, or SIZE_MAX. */
static size_t group_of(const Groups *g, u64 value)
{
    u32 *slot;
    if (!g->slots)
        return searched_group(g, value);
    slot = slot_of(g, value);
    return slot && *slot ? *slot - 1 : SIZE_MAX;
}

static int group_by_sorting(Groups *g, const u64 *numbers, size_t count)
{
    Pair *pairs = allocate_raw(count, sizeof *pairs);
    int failed;
    if (!pairs)
        return -1;
    for (size_t i = 0; i < count; i++)
        pairs[i] = (Pair){numbers[i], (u32)i};
    failed = sort_pairs(pairs, count);
    g->slots = NULL;
    g->count = 0;
    for (size_t i = 0; !failed && i < count; i++) {
        if (!i || pairs[i].key != pairs[i - 1].key)
            g->values[g->count++] = pairs[i].key;
        g->group[pairs[i].value] = (u32)(g->count - 1);
    }
    free(pairs);
    return failed;
}

static int group_numbers(Groups *g, const u64 *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        u32 *slot = slot_of(g, numbers[i]);
        if (!slot)
            return group_by_sorting(g, numbers, count);
        if (!*slot) {
            g->values[g->count++] = numbers[i];
            *slot = (u32)g->count;
        }
        g->group[i] = *slot - 1;
    }
    return 0;
}

/* To be closed whatever is returned. */
static int open_groups(Groups *g, const u64 *numbers, size_t count)
{
    size_t size = 16;
    *g = (Groups){0};
    g->shift = 60;
    while (size < 2 * count)
        size *= 2, g->shift--;
    g->mask = size - 1;
    if (!(g->block = allocate_raw(count * (sizeof(u64) + sizeof(u32)) + size * sizeof(u32), 1)))
        return -1;
    g->values = g->block;
    g->group = (u32 *)(g->values + count);
    g->slots = g->group + count;
    memset(g->slots, 0, size * sizeof(u32));
    return group_numbers(g, numbers, count);
}

static void close_groups(Groups *g)
{
    free(g->places);
    free(g->block);
    *g = (Groups){0};
}

/* Room for the places at which another text has the numbers. */
static int open_places(Groups *g)
{
    if (!(g->places = allocate_raw(g->count * (PLACES * sizeof(u32) + 1), 1)))
        return -1;
    g->occupied = (u8 *)(g->places + g->count * PLACES);
    memset(g->occupied, 0, g->count);
    return 0;
}

/* That the other text has a number at a place; of the places of one number the first PLACES are kept. */
static void note_place(Groups *g, u64 value, size_t place)
{
    size_t group = group_of(g, value);
    if (group != SIZE_MAX && g->occupied[group] < PLACES)
        g->places[group * PLACES + g->occupied[group]++] = (u32)place;
}

#endif
