// Sums and copies over the ranks of a communicator.
#include "nccl_group.h"

#include <algorithm>
#include <cstring>

namespace soft {
namespace {

template <class T>
T reduced(int operation, T a, T b) {
    switch (operation) {
        case ncclMax: return std::max(a, b);
        case ncclMin: return std::min(a, b);
        case ncclProd: return a * b;
        default: return a + b;
    }
}

// As a ring does: the first part of the numbers is summed beginning with rank 1, the next with rank 2, so that from three
// ranks on the order of a sum is not that of the ranks.
template <class T>
void reduce(const NcclExchange& x) {
    const size_t ranks = x.send.size();
    std::vector<T> sums(x.call.count);
    for (size_t i = 0; i < x.call.count; i++) {
        const size_t first = i * ranks / x.call.count + 1;
        T sum = static_cast<const T*>(x.send[first % ranks])[i];
        for (size_t k = 1; k < ranks; k++)
            sum = reduced(x.call.detail, sum, static_cast<const T*>(x.send[(first + k) % ranks])[i]);
        sums[i] = sum;
    }
    for (void* to : x.receive) std::memcpy(to, sums.data(), sums.size() * sizeof(T));
}

} // namespace

size_t nccl_bytes(ncclDataType_t type) {
    switch (type) {
        case ncclInt8:
        case ncclUint8: return 1;
        case ncclFloat16:
        case ncclBfloat16: return 2;
        case ncclInt32:
        case ncclUint32:
        case ncclFloat32: return 4;
        case ncclInt64:
        case ncclUint64:
        case ncclFloat64: return 8;
    }
    return 0;
}

const char* NcclExchange::outside() const {
    const size_t bytes = call.count * nccl_bytes(call.type);
    for (size_t rank = 0; rank < send.size(); rank++) {
        const bool sends = call.kind == NcclCall::ALL_REDUCE || call.detail == static_cast<int>(rank);
        if (const char* why = sends ? soft_outside(send[rank], bytes) : nullptr) return why;
        if (const char* why = soft_outside(receive[rank], bytes)) return why;
    }
    return nullptr;
}

void NcclExchange::compute() {
    if (call.kind == NcclCall::BROADCAST) {
        for (void* to : receive) std::memmove(to, send[call.detail], call.count * nccl_bytes(call.type));
        return;
    }
    switch (call.type) {
        case ncclFloat32: return reduce<float>(*this);
        case ncclFloat64: return reduce<double>(*this);
        case ncclInt32: return reduce<int32_t>(*this);
        default: return reduce<int64_t>(*this);
    }
}

std::shared_ptr<NcclExchange> NcclGroup::arrive(
        uint64_t number, const NcclCall& call, int rank, const void* send, void* receive) {
    std::lock_guard<std::mutex> hold(lock);
    auto& exchange = exchanges[number];
    if (!exchange) {
        exchange = std::make_shared<NcclExchange>();
        exchange->call = call;
        exchange->send.resize(size());
        exchange->receive.resize(size());
    }
    auto found = exchange;
    if (!(found->call == call)) {
        found->wrong = true;
        soft_explain("NCCL: the ranks of a communicator are at different calls, and would wait endlessly");
    }
    found->send[rank] = send;
    found->receive[rank] = receive;
    if (++found->arrived == joined.size()) {
        exchanges.erase(number);
        if (!found->wrong) {
            found->fault = found->outside();
            if (!found->fault) found->compute();
            found->done = true;
        }
    }
    return found;
}

} // namespace soft
