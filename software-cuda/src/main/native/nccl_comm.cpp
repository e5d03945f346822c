// Making, asking and ending communicators.
#include <chrono>
#include <cstring>
#include <thread>

#include "nccl_group.h"

using namespace soft;

namespace {

constexpr int kVersion = 22304;
constexpr char kMark[] = "software NCCL";

// By number, while ranks join: one that is complete needs no other to find it.
struct Meetings {
    std::mutex lock;
    uint64_t last = 0;
    std::map<uint64_t, std::shared_ptr<NcclGroup>> open;
};

Meetings& meetings() {
    static auto* all = new Meetings;
    return *all;
}

uint64_t number_of(const ncclUniqueId& id) {
    uint64_t number;
    std::memcpy(&number, id.internal + sizeof kMark, sizeof number);
    return number;
}

ncclResult_t init(const char* call, ncclComm_t* to, int size, const ncclUniqueId& id, int rank, bool blocking) {
    if (auto status = nccl_injected(call)) return status;
    auto invalid = [&](const char* why) { return refuse_nccl(ncclInvalidArgument, call, why); };
    if (to == nullptr) return invalid("the communicator's pointer is null");
    if (size < 1 || rank < 0 || rank >= size) return invalid("no such rank");
    if (std::memcmp(id.internal, kMark, sizeof kMark) != 0) return invalid("the id is none of ncclGetUniqueId");
    std::shared_ptr<NcclGroup> group;
    {
        Meetings& m = meetings();
        std::lock_guard<std::mutex> hold(m.lock);
        auto& met = m.open[number_of(id)];
        if (!met) met = std::make_shared<NcclGroup>(size);
        group = met;
        std::unique_lock<std::mutex> joining(group->lock);
        if (group->size() != size) return invalid("the ranks expect different numbers of ranks");
        if (group->joined[rank]) return invalid("the rank has joined before");
        group->joined[rank] = true;
        if (++group->count == size) {
            m.open.erase(number_of(id));
            group->all.notify_all();
        }
    }
    if (blocking) {
        std::unique_lock<std::mutex> hold(group->lock);
        group->all.wait(hold, [&] { return group->complete(); });
    }
    *to = registry<NcclComm>().add();
    auto state = std::make_shared<NcclRank>();
    state->group = group;
    state->rank = rank;
    find<NcclComm>(*to)->rank = state;
    return blocking ? ncclSuccess : ncclInProgress;
}

ncclResult_t remove(const char* call, ncclComm_t comm, bool abort) {
    std::shared_ptr<NcclRank> rank;
    ncclResult_t status = enter_nccl(call, comm, &rank);
    if (!rank) return status;
    if (!abort && rank->isInGraph())
        return refuse_nccl(ncclInternalError, call, "a graph holds captured calls; NCCL waits until it is destroyed");
    if (abort) {
        {
            std::lock_guard<std::mutex> hold(rank->group->lock);
            rank->aborted = true;
        }
        soft_changed();
        while (rank->isInGraph()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    registry<NcclComm>().remove(comm);
    return status;
}

} // namespace

NCCL_API ncclResult_t ncclGetVersion(int* version) {
    if (version == nullptr) return refuse_nccl(ncclInvalidArgument, "ncclGetVersion", "the result's pointer is null");
    *version = kVersion;
    return ncclSuccess;
}

NCCL_API ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
    if (auto status = nccl_injected("ncclGetUniqueId")) return status;
    if (id == nullptr) return refuse_nccl(ncclInvalidArgument, "ncclGetUniqueId", "the id's pointer is null");
    Meetings& m = meetings();
    std::lock_guard<std::mutex> hold(m.lock);
    uint64_t number = ++m.last;
    std::memset(id, 0, sizeof *id);
    std::memcpy(id->internal, kMark, sizeof kMark);
    std::memcpy(id->internal + sizeof kMark, &number, sizeof number);
    return ncclSuccess;
}

NCCL_API ncclResult_t ncclCommInitRank(ncclComm_t* comm, int size, ncclUniqueId id, int rank) {
    return init("ncclCommInitRank", comm, size, id, rank, true);
}

NCCL_API ncclResult_t ncclCommInitRankConfig(
        ncclComm_t* comm, int size, ncclUniqueId id, int rank, ncclConfig_t* config) {
    const char* call = "ncclCommInitRankConfig";
    if (config != nullptr && config->magic != NCCL_CONFIG_MAGIC)
        return refuse_nccl(ncclInvalidArgument, call, "the configuration was not initialised");
    if (config != nullptr && config->blocking != 0 && config->blocking != 1 && config->blocking != NCCL_CONFIG_UNDEFINED)
        return refuse_nccl(ncclInvalidArgument, call, "blocking is neither 0 nor 1");
    return init(call, comm, size, id, rank, config == nullptr || config->blocking != 0);
}

NCCL_API ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* error) {
    if (error == nullptr)
        return refuse_nccl(ncclInvalidArgument, "ncclCommGetAsyncError", "the result's pointer is null");
    NcclComm* found = find<NcclComm>(comm);
    if (found == nullptr)
        return refuse_nccl(ncclInvalidArgument, "ncclCommGetAsyncError", "the communicator is destroyed, or never was one");
    // An injected fault is what a peer's end looks like, not a call that fails.
    *error = static_cast<ncclResult_t>(soft_fault("ncclCommGetAsyncError"));
    if (*error != ncclSuccess) return ncclSuccess;
    std::lock_guard<std::mutex> hold(found->rank->group->lock);
    *error = found->rank->group->complete() ? ncclSuccess : ncclInProgress;
    return ncclSuccess;
}

NCCL_API ncclResult_t ncclCommAbort(ncclComm_t comm) {
    return remove("ncclCommAbort", comm, true);
}

NCCL_API ncclResult_t ncclCommDestroy(ncclComm_t comm) {
    return remove("ncclCommDestroy", comm, false);
}

NCCL_API ncclResult_t ncclCommFinalize(ncclComm_t comm) {
    std::shared_ptr<NcclRank> rank;
    return enter_nccl("ncclCommFinalize", comm, &rank);
}

NCCL_API const char* ncclGetErrorString(ncclResult_t code) {
    switch (code) {
        case ncclSuccess: return "no error";
        case ncclUnhandledCudaError: return "unhandled cuda error (run with NCCL_DEBUG=INFO for details)";
        case ncclSystemError: return "unhandled system error (run with NCCL_DEBUG=INFO for details)";
        case ncclInternalError: return "internal error - please report this issue to the NCCL developers";
        case ncclInvalidArgument: return "invalid argument (run with NCCL_DEBUG=WARN for details)";
        case ncclInvalidUsage: return "invalid usage (run with NCCL_DEBUG=WARN for details)";
        case ncclRemoteError: return "remote process exited or there was a network error";
        case ncclInProgress: return "NCCL operation in progress";
    }
    return "unknown result code";
}

NCCL_API const char* ncclGetLastError(ncclComm_t) {
    return last_refusal;
}
