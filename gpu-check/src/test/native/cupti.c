// A CUPTI that has seen three launches of one kernel, one of them in another size, and one copy; it hands them over when it is told to flush.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MOST = 216, OUT_OF_RECORDS = 12 }; // the size of CUpti_ActivityKernel10; CUPTI_ERROR_MAX_LIMIT_REACHED

static void (*request)(uint8_t**, size_t*, size_t*);
static void (*complete)(void*, uint32_t, uint8_t*, size_t, size_t);

static void put(uint8_t* to, int at, uint64_t value, int bytes) { memcpy(to + at, &value, bytes); }

static void kernel(uint8_t* to, int blocks, int nanoseconds) {
    static const char name[] = "add_f32";
    put(to, 0, 10, 4); // CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL
    put(to, 6, 32, 2); // registers
    put(to, 16, 1000, 8);
    put(to, 24, 1000 + nanoseconds, 8);
    for (int at = 52; at < 76; at += 4) put(to, at, 1, 4);
    put(to, 52, blocks, 4);
    put(to, 64, 256, 4); // threads
    put(to, 104, (uint64_t)(uintptr_t)name, 8);
}

static void copy(uint8_t* to, int bytes, int nanoseconds) {
    put(to, 0, 1, 4); // CUPTI_ACTIVITY_KIND_MEMCPY
    put(to, 4, 1, 1); // to the device
    put(to, 8, bytes, 8);
    put(to, 16, 5000, 8);
    put(to, 24, 5000 + nanoseconds, 8);
}

int cuptiActivityRegisterCallbacks(void (*r)(uint8_t**, size_t*, size_t*), void (*c)(void*, uint32_t, uint8_t*, size_t, size_t)) {
    request = r;
    complete = c;
    return 0;
}

int cuptiActivityEnable(int kind) { return kind == 10 || kind == 1 || kind == 2 ? 0 : 21; }

int cuptiActivityFlushPeriod(uint32_t milliseconds) { return milliseconds > 0 ? 0 : 1; }

int cuptiActivityFlushAll(uint32_t flag) {
    uint8_t* buffer = NULL;
    size_t size = 0, records = 0;
    request(&buffer, &size, &records);
    memset(buffer, 0, 4 * MOST);
    kernel(buffer, 8, 2000);
    kernel(buffer + MOST, 8, 4000);
    kernel(buffer + 2 * MOST, 16, 7000);
    copy(buffer + 3 * MOST, 4096, 1500);
    complete(NULL, 0, buffer, size, 4 * MOST);
    return (int)flag - 1;
}

int cuptiActivityGetNextRecord(uint8_t* buffer, size_t valid, void** record) {
    uint8_t* next = *record == NULL ? buffer : (uint8_t*)*record + MOST;
    if (next >= buffer + valid) return OUT_OF_RECORDS;
    *record = next;
    return 0;
}
