// Threads of a block start one after the other on the same fiber, so that a kernel that never synchronises is a plain
// loop. A thread that has to wait keeps its fiber, and the next thread starts on a fresh one.
//
// A lane is in one of the sets of its warp (waiting, ready, blocked, asleep), or runs, or has not started, or has ended.
//
// A thread that sleeps waits for other blocks. A block of a cooperative launch is left when none of its threads can go on otherwise, and gone on
// with in the next round of all blocks; its shared memory is put aside meanwhile.
//
// The file is long because all of it changes the same state of a block, which nothing else can reach.
#include "simt.h"
#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <vector>
#include "fiber.h"

extern "C" __attribute__((visibility("default"))) soft_index soft_here;
soft_index soft_here;

namespace soft {
namespace {

constexpr unsigned LANES = 32;
constexpr unsigned MAX_THREADS = 1024;
constexpr unsigned BALLOT = LANES;  // as a lane's source: it asks whose value is not 0
constexpr char POISON = char(0xff), FENCE = char(0xa5);
constexpr unsigned FENCE_BYTES = 64;  // behind dynamic shared memory

struct Lane {
    Fiber* fiber;
    unsigned mask;    // with whom it waits
    unsigned source;  // the lane whose value it reads
    int line;
    uint64_t value;   // what it brings, then what it gets
};

struct Warp {
    unsigned exists, started, waiting, ready, blocked, asleep;

    // Asked where no lane of the warp runs: the one that asks waits already.
    unsigned ended() const { return started & ~(waiting | ready | blocked | asleep); }
};

struct Block {
    Lane lanes[MAX_THREADS];
    soft_dim places[MAX_THREADS];  // threadIdx of each
    Warp warps[MAX_THREADS / LANES];
    std::vector<std::unique_ptr<Fiber>> fibers;
    size_t fibersUsed;
    Fiber home;

    const soft_kernel* kernel;
    void** arguments;
    bool reversed;
    unsigned size, warpCount, next, current;
    Fiber* running;
    bool cooperative;
    bool synchronised;
    std::string problem;
    std::vector<char> shared;   // while other blocks run
    std::vector<char> dynamic;  // with the fence behind it

    bool sleeps() const {
        return std::any_of(warps, warps + warpCount, [](const Warp& w) { return w.asleep != 0; });
    }
};

// The blocks that may be alive at a time: one, or those of a cooperative launch. One grid runs at a time: the driver's lock is held. Never
// destroyed: a thread may run a kernel while the process ends.
std::vector<std::unique_ptr<Block>>& blocks() {
    static auto* s = new std::vector<std::unique_ptr<Block>>();
    return *s;
}

Block* current;  // the one that runs

Block& block() {
    return *current;
}

void choose(unsigned long long number) {
    while (blocks().size() <= number) blocks().push_back(std::make_unique<Block>());
    current = blocks()[number].get();
}

// After a cooperative launch, whose threads may have taken gigabytes of addresses.
void releaseStacks() {
    constexpr size_t MOST = 2 * MAX_THREADS;
    size_t kept = 0;
    for (auto& b : blocks()) {
        if (kept + b->fibers.size() > MOST) b->fibers.clear();
        kept += b->fibers.size();
    }
}

std::set<const soft_kernel*>& synchronising() {
    static auto* s = new std::set<const soft_kernel*>();
    return *s;
}

void resume(Block& b, unsigned thread) {
    b.current = thread;
    soft_here.thread = b.places[thread];
}

unsigned lowest(unsigned set, bool reversed) {
    return reversed ? 31 - __builtin_clz(set) : __builtin_ctz(set);
}

// What a fiber does: starts threads until none is left, then has others go on.
[[noreturn]] void fiberBody();

Fiber& freshFiber(Block& b) {
    if (b.fibersUsed == b.fibers.size()) b.fibers.push_back(std::make_unique<Fiber>());
    Fiber& f = *b.fibers[b.fibersUsed++];
    f.prepare(fiberBody);
    return f;
}

// Lets the lanes of the mask go if all of them that still run wait with it. Each gets its value from its source.
bool release(Block& b, unsigned w, unsigned mask) {
    Warp& warp = b.warps[w];
    unsigned need = mask & warp.exists & ~warp.ended();
    if (need & ~warp.waiting) return false;
    Lane* lanes = b.lanes + w * LANES;
    int line = 0;
    for (unsigned rest = need; rest; rest &= rest - 1) {
        const Lane& lane = lanes[__builtin_ctz(rest)];
        if (lane.mask != mask) return false;
        if (line && lane.line != line) {
            b.problem = "lanes of a warp wait for each other at different places, lines " + std::to_string(line)
                + " and " + std::to_string(lane.line);
            return false;
        }
        line = lane.line;
    }
    uint64_t brought[LANES];
    unsigned votes = 0;
    for (unsigned rest = need; rest; rest &= rest - 1) {
        unsigned i = __builtin_ctz(rest);
        brought[i] = lanes[i].value;
        votes |= unsigned(brought[i] != 0) << i;
    }
    for (unsigned rest = need; rest; rest &= rest - 1) {
        Lane& lane = lanes[__builtin_ctz(rest)];
        if (lane.source == BALLOT) lane.value = votes;
        else lane.value = need >> lane.source & 1 ? brought[lane.source] : ~uint64_t(0);
    }
    warp.waiting &= ~need;
    warp.ready |= need;
    return need != 0;
}

bool releaseWarps(Block& b) {
    bool any = false;
    for (unsigned w = 0; w < b.warpCount; w++)
        for (unsigned rest = b.warps[w].waiting; rest && b.problem.empty(); rest &= rest - 1)
            if (b.warps[w].waiting >> __builtin_ctz(rest) & 1)
                any |= release(b, w, b.lanes[w * LANES + __builtin_ctz(rest)].mask);
    return any;
}

bool releaseBlock(Block& b) {
    if (b.sleeps()) return false;
    int line = 0;
    for (unsigned w = 0; w < b.warpCount; w++) {
        if (b.warps[w].waiting) return false;
        for (unsigned rest = b.warps[w].blocked; rest; rest &= rest - 1) {
            int at = b.lanes[w * LANES + __builtin_ctz(rest)].line;
            if (line && at != line) {
                b.problem = "threads of a block are in different __syncthreads, lines " + std::to_string(line) + " and "
                    + std::to_string(at);
                return false;
            }
            line = at;
        }
    }
    if (!line) return false;
    for (unsigned w = 0; w < b.warpCount; w++) {
        b.warps[w].ready |= b.warps[w].blocked;
        b.warps[w].blocked = 0;
    }
    return true;
}

std::string deadlock(const Block& b) {
    unsigned warpWaits = 0, blockWaits = 0;
    for (unsigned w = 0; w < b.warpCount; w++) {
        warpWaits += __builtin_popcount(b.warps[w].waiting);
        blockWaits += __builtin_popcount(b.warps[w].blocked);
    }
    return "deadlock: " + std::to_string(warpWaits) + " threads wait for other lanes of their warp, "
        + std::to_string(blockWaits) + " are in __syncthreads, and nobody else runs";
}

// The fiber to continue with, of a thread that may; null when all have ended, or none can before other blocks went on.
Fiber* pick(Block& b) {
    while (b.problem.empty()) {
        unsigned here = b.current / LANES;
        for (unsigned k = 0; k < b.warpCount; k++) {
            unsigned w = here + k < b.warpCount ? here + k : here + k - b.warpCount;
            Warp& warp = b.warps[w];
            if (warp.ready) {
                unsigned i = lowest(warp.ready, b.reversed);
                warp.ready &= ~(1u << i);
                resume(b, w * LANES + i);
                return b.lanes[w * LANES + i].fiber;
            }
            if (k == 0 && b.next < b.size) return &freshFiber(b);
        }
        if (b.next < b.size) return &freshFiber(b);
        if (releaseWarps(b)) continue;
        if (b.problem.empty() && releaseBlock(b)) continue;
        if (b.problem.empty() && b.sleeps()) return nullptr;
        bool waits = std::any_of(b.warps, b.warps + b.warpCount, [](const Warp& w) { return w.waiting | w.blocked; });
        if (!waits) return nullptr;
        if (b.problem.empty()) b.problem = deadlock(b);
    }
    return nullptr;
}

// Continues with another thread, on its fiber, or with run() when there is none.
void leave(Block& b) {
    Fiber* from = b.running;
    Fiber* to = pick(b);
    b.running = to ? to : &b.home;
    if (b.running != from) Fiber::change(*from, *b.running);
}

void fiberBody() {
    Block& b = block();
    for (;;) {
        while (b.next < b.size) {
            unsigned thread = b.reversed ? b.size - 1 - b.next : b.next;
            b.next++;
            b.warps[thread / LANES].started |= 1u << thread % LANES;
            resume(b, thread);
            b.kernel->run(b.arguments);
        }
        leave(b);
    }
}

void placeThreads(Block& b, const soft_dim& size) {
    soft_dim p = {0, 0, 0};
    for (unsigned i = 0; i < b.size; i++) {
        b.places[i] = p;
        if (++p.x < size.x) continue;
        p.x = 0;
        if (++p.y < size.y) continue;
        p.y = 0;
        p.z++;
    }
}

void runBlock(Block& b) {
    b.next = 0;
    b.current = 0;
    b.fibersUsed = 0;
    for (unsigned w = 0; w < b.warpCount; w++) {
        unsigned lanes = std::min(LANES, b.size - w * LANES);
        b.warps[w] = {lanes == LANES ? ~0u : (1u << lanes) - 1, 0, 0, 0, 0, 0};
    }
    b.running = &freshFiber(b);
    Fiber::change(b.home, *b.running);
}

// Wakes the threads that sleep.
void resumeBlock(Block& b) {
    for (unsigned w = 0; w < b.warpCount; w++) {
        b.warps[w].ready |= b.warps[w].asleep;
        b.warps[w].asleep = 0;
    }
    b.running = pick(b);
    Fiber::change(b.home, *b.running);
}

uint64_t exchange(Block& b, unsigned mask, uint64_t value, unsigned source, int line) {
    unsigned w = b.current / LANES, bit = 1u << b.current % LANES;
    Lane& lane = b.lanes[b.current];
    Warp& warp = b.warps[w];
    if (!(mask & bit)) soft_trap("a lane waits with a mask that does not hold itself");
    b.synchronised = true;
    lane = {b.running, mask, source, line, value};
    warp.waiting |= bit;
    if (release(b, w, mask))
        warp.ready &= ~bit;
    else
        leave(b);
    return lane.value;
}

}

namespace {

void prepare(Block& b, const soft_kernel& kernel, void** arguments, const Geometry& g, bool reversed, bool cooperative) {
    b.kernel = &kernel;
    b.arguments = arguments;
    b.reversed = reversed;
    b.cooperative = cooperative;
    b.size = g.block.x * g.block.y * g.block.z;
    b.warpCount = (b.size + LANES - 1) / LANES;
    b.synchronised = synchronising().count(&kernel) > 0;
    b.problem.clear();
    b.dynamic.assign(g.shared + FENCE_BYTES, FENCE);
    memset(b.dynamic.data(), POISON, g.shared);
    placeThreads(b, g.block);
}

// What is wrong with a block that ended or sleeps.
const std::string& problemOf(Block& b, const Geometry& g) {
    bool isWhole = std::all_of(b.dynamic.begin() + g.shared, b.dynamic.end(), [](char c) { return c == FENCE; });
    if (b.problem.empty() && !isWhole)
        b.problem = "a thread writes beyond the " + std::to_string(g.shared) + " bytes of dynamic shared memory";
    return b.problem;
}

void placeBlock(const Geometry& g, unsigned long long number) {
    soft_here.block = {unsigned(number % g.grid.x), unsigned(number / g.grid.x % g.grid.y),
        unsigned(number / g.grid.x / g.grid.y)};
}

// All blocks by turns, each until it ends or only other blocks can wake it.
std::string runTogether(const soft_kernel& kernel, void** arguments, const Geometry& g, bool reversed, unsigned long long count) {
    constexpr unsigned ROUNDS = 100;  // without a block that ends
    size_t bytes = kernel.shared_end - kernel.shared;
    std::vector<unsigned long long> left;
    for (unsigned long long i = 0; i < count; i++) {
        unsigned long long k = reversed ? count - 1 - i : i;
        choose(k);
        prepare(block(), kernel, arguments, g, reversed, true);
        block().shared.assign(bytes, POISON);
        left.push_back(k);
    }
    bool starts = true;
    for (unsigned idle = 0; !left.empty(); starts = false) {
        std::vector<unsigned long long> asleep;
        for (unsigned long long k : left) {
            choose(k);
            Block& b = block();
            placeBlock(g, k);
            memcpy(kernel.shared, b.shared.data(), bytes);
            starts ? runBlock(b) : resumeBlock(b);
            if (!problemOf(b, g).empty()) return b.problem;
            memcpy(b.shared.data(), kernel.shared, bytes);
            if (b.sleeps()) asleep.push_back(k);
        }
        idle = asleep.size() < left.size() ? 0 : idle + 1;
        if (idle > ROUNDS) return "deadlock: " + std::to_string(asleep.size()) + " blocks sleep, and no other runs";
        left.swap(asleep);
    }
    synchronising().insert(&kernel);
    return "";
}

}

std::string Simt::run(const soft_kernel& kernel, void** arguments, const Geometry& g, bool reversed, bool cooperative) {
    soft_here.block_size = g.block;
    soft_here.grid_size = g.grid;
    unsigned long long count = 1ull * g.grid.x * g.grid.y * g.grid.z;
    if (cooperative) {
        std::string problem = runTogether(kernel, arguments, g, reversed, count);
        releaseStacks();
        return problem;
    }
    choose(0);
    Block& b = block();
    prepare(b, kernel, arguments, g, reversed, false);
    for (unsigned long long i = 0; i < count; i++) {
        placeBlock(g, reversed ? count - 1 - i : i);
        // What a block finds in shared memory is nothing to rely on; only threads that wait for each other can use it.
        if (b.synchronised || i == 0) {
            memset(kernel.shared, POISON, kernel.shared_end - kernel.shared);
            memset(b.dynamic.data(), POISON, g.shared);
        }
        runBlock(b);
        if (!problemOf(b, g).empty()) return b.problem;
    }
    if (b.synchronised) synchronising().insert(&kernel);
    return "";
}

std::string Simt::place() {
    auto text = [](const soft_dim& d) {
        return "(" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
    };
    return "block " + text(soft_here.block) + ", thread " + text(soft_here.thread);
}

}

using namespace soft;

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED void soft_block_barrier(int line) {
    Block& b = block();
    b.synchronised = true;
    b.lanes[b.current] = {b.running, 0, 0, line, 0};
    b.warps[b.current / LANES].blocked |= 1u << b.current % LANES;
    leave(b);
}

EXPORTED void soft_sleep() {
    Block& b = block();
    if (!b.cooperative) soft_trap("a thread sleeps until another block goes on, which cuLaunchKernel does not promise");
    b.lanes[b.current] = {b.running, 0, 0, 0, 0};
    b.warps[b.current / LANES].asleep |= 1u << b.current % LANES;
    leave(b);
}

EXPORTED uint64_t soft_exchange(unsigned mask, uint64_t value, unsigned source, int line) {
    return exchange(block(), mask, value, source, line);
}

EXPORTED unsigned soft_ballot(unsigned mask, bool value, int line) {
    return unsigned(exchange(block(), mask, value, BALLOT, line));
}

EXPORTED void* soft_dynamic_shared() {
    return block().dynamic.data();
}

EXPORTED unsigned soft_lane() {
    return block().current % LANES;
}

EXPORTED void soft_trap(const char* reason) {
    Block& b = block();
    b.problem = reason;
    Fiber* from = b.running;
    b.running = &b.home;
    Fiber::change(*from, b.home);
    __builtin_unreachable();
}
