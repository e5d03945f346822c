// All-reduce and broadcast, in the order of a stream, and the groups that hold calls back.
#include <cstring>

#include "nccl_group.h"

using namespace soft;

namespace {

// A call on a stream. A captured one is run by each replay, as an exchange of its own.
struct Enqueued {
    std::shared_ptr<NcclRank> rank;
    NcclCall call;
    const void* send;
    void* receive;
    cudaStream_t stream;
    const char* name;
    std::shared_ptr<NcclExchange> exchange;  // null until the stream has come to it
    std::shared_ptr<char> inGraph;           // the rank's mark while a graph may replay it

    size_t bytes() const { return call.count * nccl_bytes(call.type); }

    int ready() {
        std::unique_lock<std::mutex> hold(rank->group->lock);
        if (!exchange && !rank->aborted) {
            uint64_t number = rank->exchanges++;
            hold.unlock();
            exchange = rank->group->arrive(number, call, rank->rank, send, receive);
            if (exchange->done) soft_changed();
            return exchange->done;
        }
        return rank->aborted || exchange->done;
    }

    // What was aborted leaves anything behind; here NaN, so that it is noticed where it is used.
    void run() {
        if (!exchange || !exchange->done) std::memset(receive, 0xff, bytes());
        else if (exchange->fault) soft_fail(700, exchange->fault);
        exchange = nullptr;
    }
};

struct Group {
    int depth = 0;
    std::vector<Enqueued> calls;
};

thread_local Group group;

ncclResult_t submit(Enqueued call) {
    call.call.captured = soft_capturing(call.stream);
    if (call.call.captured) call.inGraph = call.rank->captured;
    int status = soft_enqueue_awaited(
            call.stream, call.name, [](void* data) { return static_cast<Enqueued*>(data)->ready(); },
            [](void* data) { static_cast<Enqueued*>(data)->run(); }, new Enqueued(call),
            [](void* data) { delete static_cast<Enqueued*>(data); });
    return status == 0 ? ncclSuccess
                       : refuse_nccl(ncclUnhandledCudaError, call.name, "the stream did not take the work");
}

ncclResult_t exchange(const char* name, NcclCall call, const void* send, void* receive, ncclComm_t comm,
        cudaStream_t stream) {
    std::shared_ptr<NcclRank> rank;
    if (auto status = enter_nccl(name, comm, &rank)) return status;
    auto invalid = [&](const char* why) { return refuse_nccl(ncclInvalidArgument, name, why); };
    {
        std::lock_guard<std::mutex> hold(rank->group->lock);
        if (!rank->group->complete())
            return refuse_nccl(ncclInvalidUsage, name, "the communicator is not complete: wait for its async error to be 0");
    }
    const size_t width = nccl_bytes(call.type);
    if (width == 0) return invalid("no such data type");
    const bool reduces = call.kind == NcclCall::ALL_REDUCE;
    if (reduces && call.type != ncclFloat32 && call.type != ncclFloat64 && call.type != ncclInt32
            && call.type != ncclInt64)
        return invalid("the software NCCL adds float, double, int32 and int64 only");
    if (reduces && (call.detail < ncclSum || call.detail > ncclMin)) return invalid("no such operation");
    if (!reduces && (call.detail < 0 || call.detail >= rank->group->size())) return invalid("no such root");
    if (call.count == 0) return ncclSuccess;
    const bool sends = reduces || call.detail == rank->rank;
    if (sends)
        if (const char* why = soft_outside(send, call.count * width)) return invalid(why);
    if (const char* why = soft_outside(receive, call.count * width)) return invalid(why);
    if (reinterpret_cast<uintptr_t>(receive) % width != 0 || (sends && reinterpret_cast<uintptr_t>(send) % width != 0))
        return invalid("an address is not aligned to its elements");
    Enqueued enqueued{rank, call, send, receive, stream, name, nullptr, nullptr};
    if (group.depth == 0) return submit(enqueued);
    if (!group.calls.empty() && group.calls.front().rank != rank)
        return refuse_nccl(ncclInvalidUsage, name, "the software NCCL has one communicator a group and thread");
    group.calls.push_back(std::move(enqueued));
    return ncclSuccess;
}

} // namespace

NCCL_API ncclResult_t ncclAllReduce(const void* send, void* receive, size_t count, ncclDataType_t type,
        ncclRedOp_t operation, ncclComm_t comm, cudaStream_t stream) {
    return exchange("ncclAllReduce", {NcclCall::ALL_REDUCE, count, type, operation}, send, receive, comm, stream);
}

NCCL_API ncclResult_t ncclBroadcast(const void* send, void* receive, size_t count, ncclDataType_t type, int root,
        ncclComm_t comm, cudaStream_t stream) {
    return exchange("ncclBroadcast", {NcclCall::BROADCAST, count, type, root}, send, receive, comm, stream);
}

NCCL_API ncclResult_t ncclGroupStart() {
    group.depth++;
    return ncclSuccess;
}

NCCL_API ncclResult_t ncclGroupEnd() {
    if (group.depth == 0) return refuse_nccl(ncclInvalidUsage, "ncclGroupEnd", "no group was started");
    if (--group.depth > 0) return ncclSuccess;
    std::vector<Enqueued> calls = std::move(group.calls);
    group.calls.clear();
    for (const Enqueued& call : calls)
        if (auto status = submit(call)) return status;
    return nccl_injected("ncclGroupEnd");
}
