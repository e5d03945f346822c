// What the ranks of a communicator share, and a sum or copy over all of them.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>
#include "nccl_abi.h"
#include "refuse.h"
#include "registry.h"
#include "soft.h"

namespace soft {

struct NcclCall {
    enum Kind { ALL_REDUCE, BROADCAST };

    Kind kind;
    size_t count;
    ncclDataType_t type;
    int detail;             // the operation, or the root
    bool captured = false;  // NCCL expects a call captured by all ranks or by none

    bool operator==(const NcclCall& o) const {
        return kind == o.kind && count == o.count && type == o.type && detail == o.detail && captured == o.captured;
    }
};

// One exchange: done when the streams of all ranks have come to it. Its numbers are read and written then, by the last that came.
struct NcclExchange {
    NcclCall call;
    std::vector<const void*> send;
    std::vector<void*> receive;
    size_t arrived = 0;
    bool wrong = false;  // the ranks are at different calls: a GPU would wait endlessly or compute nonsense
    bool done = false;
    const char* fault = nullptr;  // why it could not be done

    // Null, or why memory of a rank is gone by now.
    const char* outside() const;
    void compute();
};

struct NcclGroup {
    explicit NcclGroup(int size) : joined(size, false) {}

    std::mutex lock;
    std::condition_variable all;
    std::vector<bool> joined;
    int count = 0;
    std::map<uint64_t, std::shared_ptr<NcclExchange>> exchanges;  // by number, until they are done

    int size() const { return static_cast<int>(joined.size()); }
    bool complete() const { return count == size(); }
    // Notes that the stream of a rank has come to an exchange.
    std::shared_ptr<NcclExchange> arrive(
            uint64_t number, const NcclCall& call, int rank, const void* send, void* receive);
};

// One rank's part of a communicator; work on streams keeps it when its handle is gone.
struct NcclRank {
    std::shared_ptr<NcclGroup> group;
    int rank = 0;
    uint64_t exchanges = 0;  // that its stream has come to
    bool aborted = false;    // under the group's lock, as `exchanges`
    std::shared_ptr<char> captured = std::make_shared<char>();  // also held by each call that a graph holds

    bool isInGraph() const { return captured.use_count() > 1; }
    std::string lastError;
};

struct NcclComm {
    std::shared_ptr<NcclRank> rank;
};

size_t nccl_bytes(ncclDataType_t type);

inline ncclResult_t refuse_nccl(ncclResult_t status, const char* call, const char* why) {
    return static_cast<ncclResult_t>(refuse(status, call, "%s", why));
}

// Fails the call where a test asked for that.
inline ncclResult_t nccl_injected(const char* call) {
    int fault = soft_fault(call);
    if (fault == 0) return ncclSuccess;
    return refuse_nccl(fault < ncclInProgress ? static_cast<ncclResult_t>(fault) : ncclUnhandledCudaError, call,
            "a fault was injected");
}

inline ncclResult_t enter_nccl(const char* call, ncclComm_t handle, std::shared_ptr<NcclRank>* found) {
    NcclComm* comm = find<NcclComm>(handle);
    if (comm == nullptr)
        return refuse_nccl(ncclInvalidArgument, call, "the communicator was not created, or is destroyed");
    *found = comm->rank;
    return nccl_injected(call);
}

} // namespace soft
