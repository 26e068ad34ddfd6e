/* How fast Hyperscan finds patterns in texts in memory, and in which: a program for apply.py.
 *
 *     cc -O3 -o scan hyperscan.c -lhs
 *     scan TEXTS PATTERNS MATCHES REPEATS
 *
 * TEXTS holds for each row its length in four bytes, low byte first, and its bytes. PATTERNS has lines of
 * three columns, with a tab between them: a number, flags, and a pattern. The flags are i (any case),
 * 8 (UTF-8) and W (\w, \s and the like know Unicode). What Hyperscan refuses is left out, and
 * stands on standard error, as its number, a tab and the reason. The others are compiled together.
 *
 * The clock runs while all rows are scanned once, on one thread, and what was found is kept in memory.
 * Of several repeats the shortest counts; it is printed as JSON. MATCHES gets pairs of row and number
 * of pattern, four bytes each. Every pattern is reported once a row at most.
 */
#include <hs/hs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A growing list of numbers. */
struct list {
    uint32_t *items;
    size_t length, room;
};

static void push(struct list *list, uint32_t item) {
    if (list->length == list->room) {
        list->room = list->room ? 2 * list->room : 1 << 20;
        list->items = realloc(list->items, list->room * sizeof *list->items);
        if (!list->items) exit(1);
    }
    list->items[list->length++] = item;
}

struct row {
    uint32_t number;
    struct list *found;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context) {
    struct row *row = context;
    (void)from, (void)to, (void)flags;
    push(row->found, row->number);
    push(row->found, id);
    return 0;
}

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* The whole file with a zero behind it. */
static char *content(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) fail(path);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size) fail(path);
    bytes[*size] = 0;
    fclose(file);
    return bytes;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

struct patterns {
    const char **texts;
    unsigned *flags, *ids, count;
};

static struct patterns parse(char *lines) {
    unsigned most = 1;
    for (const char *c = lines; *c; c++) most += *c == '\n';
    struct patterns all = {malloc(most * sizeof(char *)), malloc(most * sizeof(unsigned)),
                           malloc(most * sizeof(unsigned)), 0};
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        char *flags = strchr(line, '\t');
        char *text = flags ? strchr(flags + 1, '\t') : NULL;
        if (!text) fail("a line of patterns without three columns");
        *text++ = 0;
        unsigned set = HS_FLAG_SINGLEMATCH;
        if (strchr(flags, 'i')) set |= HS_FLAG_CASELESS;
        if (strchr(flags, '8')) set |= HS_FLAG_UTF8;
        if (strchr(flags, 'W')) set |= HS_FLAG_UCP;
        all.texts[all.count] = text;
        all.flags[all.count] = set;
        all.ids[all.count++] = (unsigned)atoi(line);
    }
    return all;
}

/* Compiles what can be compiled; patterns that are refused are said and taken out. */
static hs_database_t *compile(struct patterns *all) {
    for (;;) {
        hs_database_t *database = NULL;
        hs_compile_error_t *error = NULL;
        if (hs_compile_multi(all->texts, all->flags, all->ids, all->count, HS_MODE_BLOCK, NULL,
                             &database, &error) == HS_SUCCESS)
            return database;
        if (error->expression < 0) fail(error->message);
        unsigned at = (unsigned)error->expression;
        fprintf(stderr, "%u\t%s\n", all->ids[at], error->message);
        hs_free_compile_error(error);
        all->count--;
        for (unsigned i = at; i < all->count; i++) {
            all->texts[i] = all->texts[i + 1];
            all->flags[i] = all->flags[i + 1];
            all->ids[i] = all->ids[i + 1];
        }
        if (!all->count) fail("no patterns are left");
    }
}

int main(int count, char **arguments) {
    if (count != 5) fail("usage: scan TEXTS PATTERNS MATCHES REPEATS");
    size_t size, length;
    const char *texts = content(arguments[1], &size);
    struct patterns patterns = parse(content(arguments[2], &length));
    double start = now();
    hs_database_t *database = compile(&patterns);
    double compiled = now() - start;
    hs_scratch_t *scratch = NULL;
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) fail("no memory");

    struct list found = {0};
    double shortest = 0;
    uint32_t rows = 0;
    int repeats = atoi(arguments[4]);
    for (int repeat = 0; repeat < repeats; repeat++) {
        found.length = 0;
        rows = 0;
        start = now();
        for (const char *at = texts; at < texts + size;) {
            uint32_t bytes;
            memcpy(&bytes, at, sizeof bytes);
            at += sizeof bytes;
            struct row row = {rows++, &found};
            if (hs_scan(database, at, bytes, 0, scratch, on_match, &row) != HS_SUCCESS)
                fail("a scan failed");
            at += bytes;
        }
        double seconds = now() - start;
        if (!repeat || seconds < shortest) shortest = seconds;
    }

    FILE *file = fopen(arguments[3], "wb");
    if (!file || fwrite(found.items, sizeof *found.items, found.length, file) != found.length ||
        fclose(file))
        fail(arguments[3]);
    printf("{\"version\": \"%s\", \"rows\": %u, \"patterns\": %u, \"votes\": %zu, "
           "\"compile_seconds\": %.6f, \"seconds\": %.6f}\n",
           hs_version(), rows, patterns.count, found.length / 2, compiled, shortest);
    return 0;
}
