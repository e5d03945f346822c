// Adds up the time on the device of every kernel, copy and fill of a process, those inside CUDA graphs as well, by name and size.
//
//   CUDA_INJECTION64_PATH=$PWD/libkernel_times.so KERNEL_TIMES=kernels.csv [ALBORZ_CUPTI=/path/libcupti.so.13] java ...
//
// The driver loads this library at cuInit, so nothing in the program changes. The records come from CUPTI, the profiling library of the CUDA toolkit
// and of PyTorch's wheels, which is opened at run time: no header and no library of NVIDIA's is needed to build this. The table is written
// every two seconds and at the end, so that there is one after a crash as well. Its first line holds the status of each call of CUPTI, 0 where all is well.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <inttypes.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COPY = 1, FILL = 2, KERNEL = 3, CONCURRENT_KERNEL = 10 }; // CUpti_ActivityKind
enum { TO_DEVICE = 1, TO_HOST = 2 };                             // CUpti_ActivityMemcpyKind
enum { BUFFER = 4 << 20, ROWS = 8192, NAME = 192, SECONDS = 2, FLUSH_MILLISECONDS = 500, FORCED = 1 };

// How the records of CUPTI 12 and 13 begin (CUpti_ActivityKernel5 to 10, Memcpy4 to 6, Memset2 to 4); later ones only add at the end.
typedef struct {
    uint32_t kind;
    uint8_t cache;
    uint8_t shared_configuration;
    uint16_t registers;
    uint32_t carveout[2];
    uint64_t start, end, completed;
    uint32_t device, context, stream;
    int32_t grid[3], block[3], static_shared, dynamic_shared;
    uint32_t local[2];
    uint32_t correlation;
    int64_t grid_id;
    const char* name;
} KernelRecord;
typedef struct {
    uint32_t kind;
    uint8_t copy;
    uint64_t bytes, start, end;
} TransferRecord;
_Static_assert(offsetof(KernelRecord, start) == 16 && offsetof(KernelRecord, grid) == 52, "as in cupti_activity.h");
_Static_assert(offsetof(KernelRecord, static_shared) == 76 && offsetof(KernelRecord, name) == 104, "as in cupti_activity.h");
_Static_assert(offsetof(TransferRecord, bytes) == 8 && offsetof(TransferRecord, end) == 24, "as in cupti_activity.h");

typedef void (*Request)(uint8_t** buffer, size_t* size, size_t* records);
typedef void (*Complete)(void* context, uint32_t stream, uint8_t* buffer, size_t size, size_t valid);
static int (*register_callbacks)(Request, Complete);
static int (*enable)(int kind);
static int (*flush_period)(uint32_t milliseconds);
static int (*flush_all)(uint32_t flag);
static int (*next_record)(uint8_t* buffer, size_t valid, void** record);

typedef struct {
    char name[NAME];
    uint64_t work, count, total, least, most; // blocks or bytes; launches; nanoseconds
    int threads, registers, shared;
} Row;
static Row rows[ROWS];
static uint64_t dropped;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char path[4096], fresh[4096 + 8], status[512];
static time_t written;

static void add(const char* name, uint64_t work, int threads, int registers, int shared, uint64_t time) {
    uint64_t hash = 1469598103934665603u ^ work * 31 ^ (uint64_t)threads; // FNV-1a
    for (const char* p = name; *p; p++) hash = (hash ^ (unsigned char)*p) * 1099511628211u;
    for (int i = 0; i < ROWS; i++) {
        Row* row = &rows[(hash + (uint64_t)i) % ROWS];
        if (row->count == 0) {
            snprintf(row->name, NAME, "%s", name);
            row->work = work, row->threads = threads, row->registers = registers, row->shared = shared, row->least = time;
        } else if (row->work != work || row->threads != threads || strncmp(row->name, name, NAME - 1) != 0) {
            continue;
        }
        row->count++, row->total += time;
        if (time < row->least) row->least = time;
        if (time > row->most) row->most = time;
        return;
    }
    dropped++;
}

// The file is replaced as a whole: who reads it meanwhile sees an old table and never half of one. Times are integers, since a JVM sets the
// locale, and some write a comma into fractions.
static void write_table(void) {
    written = time(NULL);
    FILE* out = fopen(fresh, "w");
    if (out == NULL) return;
    fprintf(out, "# %s; records without a row: %" PRIu64 "\n", status, dropped);
    fprintf(out, "total_ns,count,mean_ns,least_ns,most_ns,blocks_or_bytes,threads,registers,shared,name\n");
    for (int i = 0; i < ROWS; i++) {
        const Row* r = &rows[i];
        if (r->count == 0) continue;
        fprintf(out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%d,%d,%d,\"%s\"\n", r->total, r->count,
                r->total / r->count, r->least, r->most, r->work, r->threads, r->registers, r->shared, r->name);
    }
    if (fclose(out) == 0) rename(fresh, path);
}

static void request(uint8_t** buffer, size_t* size, size_t* records) {
    *buffer = aligned_alloc(64, BUFFER);
    *size = *buffer == NULL ? 0 : BUFFER;
    *records = 0; // as many as fit
}

static void add_record(const void* record) {
    const KernelRecord* k = record;
    const TransferRecord* t = record;
    switch (k->kind) {
    case KERNEL:
    case CONCURRENT_KERNEL:
        add(k->name, (uint64_t)k->grid[0] * k->grid[1] * k->grid[2], k->block[0] * k->block[1] * k->block[2], k->registers,
                k->static_shared + k->dynamic_shared, k->end - k->start);
        break;
    case COPY:
        add(t->copy == TO_DEVICE ? "copy to the device" : t->copy == TO_HOST ? "copy to the host" : "copy on the device", t->bytes, 0, 0, 0,
                t->end - t->start);
        break;
    case FILL: add("fill", t->bytes, 0, 0, 0, t->end - t->start); break;
    default: break;
    }
}

static void complete(void* context, uint32_t stream, uint8_t* buffer, size_t size, size_t valid) {
    (void)context, (void)stream, (void)size;
    void* record = NULL;
    pthread_mutex_lock(&lock);
    while (next_record(buffer, valid, &record) == 0) add_record(record);
    if (time(NULL) - written >= SECONDS) write_table();
    pthread_mutex_unlock(&lock);
    free(buffer);
}

static void end(void) {
    flush_all(FORCED);
    pthread_mutex_lock(&lock);
    write_table();
    pthread_mutex_unlock(&lock);
}

static void* open_cupti(void) {
    const char* names[] = {getenv("ALBORZ_CUPTI"), "libcupti.so.13", "libcupti.so.12", "libcupti.so"};
    void* library = NULL;
    for (int i = 0; i < 4 && library == NULL; i++)
        if (names[i] != NULL && names[i][0] != '\0') library = dlopen(names[i], RTLD_NOW | RTLD_GLOBAL);
    return library;
}

static int find_calls(void* library) {
    *(void**)&register_callbacks = dlsym(library, "cuptiActivityRegisterCallbacks");
    *(void**)&enable = dlsym(library, "cuptiActivityEnable");
    *(void**)&flush_period = dlsym(library, "cuptiActivityFlushPeriod");
    *(void**)&flush_all = dlsym(library, "cuptiActivityFlushAll");
    *(void**)&next_record = dlsym(library, "cuptiActivityGetNextRecord");
    return register_callbacks != NULL && enable != NULL && flush_period != NULL && flush_all != NULL && next_record != NULL;
}

// What the driver calls. It answers 1 in any case: a program that cannot be measured still runs.
int InitializeInjection(void) {
    const char* asked = getenv("KERNEL_TIMES");
    snprintf(path, sizeof path, "%s", asked != NULL ? asked : "kernels.csv");
    snprintf(fresh, sizeof fresh, "%s.fresh", path);
    void* library = open_cupti();
    if (library == NULL || !find_calls(library)) {
        const char* why = dlerror();
        snprintf(status, sizeof status, "CUPTI cannot be used: %s", why != NULL ? why : "it lacks a function");
        write_table();
        return 1;
    }
    int callbacks = register_callbacks(request, complete);
    int kernels = enable(CONCURRENT_KERNEL), copies = enable(COPY), fills = enable(FILL), period = flush_period(FLUSH_MILLISECONDS);
    snprintf(status, sizeof status, "CUPTI: callbacks %d, kernels %d, copies %d, fills %d, period %d", callbacks, kernels, copies, fills, period);
    write_table();
    atexit(end);
    return 1;
}
