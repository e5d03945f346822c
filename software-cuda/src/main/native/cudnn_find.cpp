// Which algorithm? Heuristics (Get…_v7), trials (Find…), and the workspace each needs.
#include "cudnn_convolution.h"
#include "enqueue.h"

extern "C" int cuStreamIsCapturing(void* stream, int* status);

using namespace soft;

namespace {

constexpr size_t kUnlimited = ~size_t(0);

// Tensor cores first: float becomes TF32, or half where the user allows conversion; FMA is exact.
std::vector<int> math_types(const Problem& p) {
    const int math = p.conv.math;
    if (math == CUDNN_FMA_MATH || p.x.type == CUDNN_DATA_DOUBLE) return {CUDNN_FMA_MATH};
    if (p.x.type != CUDNN_DATA_FLOAT) return {CUDNN_TENSOR_OP_MATH};
    if (math == CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION) return {math, CUDNN_TENSOR_OP_MATH, CUDNN_FMA_MATH};
    return {CUDNN_TENSOR_OP_MATH, CUDNN_FMA_MATH};
}

// Usable ones first, by time; the others follow with their status, as cuDNN lists them.
std::vector<cudnnConvolutionAlgoPerf_t> rank(const Problem& p, size_t workspace) {
    std::vector<cudnnConvolutionAlgoPerf_t> usable, unusable;
    for (const Algorithm& algorithm : algorithms(p.direction)) {
        if (!algorithm.solves(p)) continue;
        const size_t memory = algorithm.workspace(p);
        for (int math : math_types(p)) {
            if (memory > workspace)
                unusable.push_back({algorithm.id, CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED, -1, memory,
                        algorithm.deterministic, math, {}});
            else
                usable.push_back({algorithm.id, CUDNN_STATUS_SUCCESS, 0.01f * static_cast<float>(usable.size() + 1),
                        memory, algorithm.deterministic, math, {}});
        }
    }
    for (int id = 0; id < algorithm_count(p.direction); id++)
        if (choose(p, id) == nullptr)
            unusable.push_back(
                    {id, CUDNN_STATUS_NOT_SUPPORTED, -1, 0, CUDNN_NON_DETERMINISTIC, CUDNN_DEFAULT_MATH, {}});
    usable.insert(usable.end(), unusable.begin(), unusable.end());
    return usable;
}

int max_count(Direction direction) { return 3 * algorithm_count(direction); }

cudnnStatus_t max_count(const char* call, Direction direction, cudnnHandle_t handle, int* count) {
    Cudnn* cudnn;
    if (auto status = enter(call, handle, &cudnn)) return status;
    if (count == nullptr) return bad_param(call, "the result's pointer is null");
    *count = max_count(direction);
    return CUDNN_STATUS_SUCCESS;
}

struct Query {
    const char* call;
    Direction direction;
    cudnnHandle_t handle;
    cudnnDescriptor_t x, w, conv, y;
};

// JCudnn copies as many results as it finds announced, even where the call fails.
void announce_none(int* returned) {
    if (returned != nullptr) *returned = 0;
}

cudnnStatus_t open(const Query& q, Cudnn** cudnn, Problem* problem) {
    if (auto status = enter(q.call, q.handle, cudnn)) return status;
    return Problem::of(q.call, q.direction, q.x, q.w, q.conv, q.y, problem);
}

cudnnStatus_t report(const Query& q, const Problem& problem, size_t workspace, int requested, int* returned,
        cudnnConvolutionAlgoPerf_t* results) {
    if (requested < 1 || returned == nullptr || results == nullptr)
        return bad_param(q.call, "at least one result is to be requested, with room for it");
    auto ranked = rank(problem, workspace);
    *returned = std::min<int>(requested, ranked.size());
    std::copy(ranked.begin(), ranked.begin() + *returned, results);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t get(const Query& q, int requested, int* returned, cudnnConvolutionAlgoPerf_t* results) {
    announce_none(returned);
    Cudnn* cudnn;
    Problem problem;
    if (auto status = open(q, &cudnn, &problem)) return status;
    return report(q, problem, kUnlimited, requested, returned, results);
}

// Trials run and are timed, so they wait for the device: not while a stream is captured.
cudnnStatus_t find(const Query& q, int requested, int* returned, cudnnConvolutionAlgoPerf_t* results) {
    announce_none(returned);
    Cudnn* cudnn;
    Problem problem;
    if (auto status = open(q, &cudnn, &problem)) return status;
    int capturing = 0;
    cuStreamIsCapturing(cudnn->stream, &capturing);
    if (capturing != 0)
        return refuse_cudnn(
                CUDNN_STATUS_EXECUTION_FAILED, q.call, "algorithms cannot be tried while the stream is captured");
    return report(q, problem, kUnlimited, requested, returned, results);
}

// The trials overwrite the result with the convolution's.
cudnnStatus_t find_in(const Query& q, const void* x, const void* w, const void* y, int requested, int* returned,
        cudnnConvolutionAlgoPerf_t* results, void* workspace, size_t bytes) {
    if (auto status = find(q, requested, returned, results)) return status;
    announce_none(returned);
    Cudnn* cudnn;
    Problem problem;
    if (auto status = open(q, &cudnn, &problem)) return status;
    if (auto status = check_memory(q.call, "the image", x, problem.x.extent(), problem.x.type)) return status;
    if (auto status = check_memory(q.call, "the filter", w, problem.w.extent(), problem.w.type)) return status;
    if (auto status = check_memory(q.call, "the result", y, problem.y.extent(), problem.y.type)) return status;
    if (bytes > 0) {
        if (workspace == nullptr) return bad_param(q.call, "the workspace is null");
        if (const char* why = soft_outside(workspace, bytes))
            return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, q.call, "the workspace: %s", why);
    }
    if (auto status = report(q, problem, bytes, requested, returned, results)) return status;
    if (*returned > 0 && results[0].status == CUDNN_STATUS_SUCCESS) {
        ConvolutionWork trial{
                problem, const_cast<void*>(x), const_cast<void*>(w), const_cast<void*>(y), {}, true, workspace, bytes};
        if (enqueue(cudnn->stream, q.call, trial))
            return refuse_cudnn(CUDNN_STATUS_EXECUTION_FAILED, q.call, "the stream did not take the work");
    }
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t workspace_size(const Query& q, int id, size_t* bytes) {
    Cudnn* cudnn;
    Problem problem;
    if (auto status = open(q, &cudnn, &problem)) return status;
    if (bytes == nullptr) return bad_param(q.call, "the result's pointer is null");
    if (id < 0 || id >= algorithm_count(q.direction)) return bad_param(q.call, "no such algorithm");
    const Algorithm* algorithm = choose(problem, id);
    if (algorithm == nullptr)
        return refuse_cudnn(CUDNN_STATUS_NOT_SUPPORTED, q.call, "algorithm %d for this layout, data type or shape", id);
    *bytes = algorithm->workspace(problem);
    return CUDNN_STATUS_SUCCESS;
}

constexpr auto kForward = Direction::forward;
constexpr auto kData = Direction::backward_data;
constexpr auto kFilter = Direction::backward_filter;

using D = cudnnDescriptor_t;
using Perf = cudnnConvolutionAlgoPerf_t;

} // namespace

CUDNN_API cudnnStatus_t cudnnGetConvolutionForwardAlgorithmMaxCount(cudnnHandle_t handle, int* count) {
    return max_count("cudnnGetConvolutionForwardAlgorithmMaxCount", kForward, handle, count);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithmMaxCount(cudnnHandle_t handle, int* count) {
    return max_count("cudnnGetConvolutionBackwardDataAlgorithmMaxCount", kData, handle, count);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithmMaxCount(cudnnHandle_t handle, int* count) {
    return max_count("cudnnGetConvolutionBackwardFilterAlgorithmMaxCount", kFilter, handle, count);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(
        cudnnHandle_t handle, D x, D w, D conv, D y, int requested, int* returned, Perf* results) {
    return get(
            {"cudnnGetConvolutionForwardAlgorithm_v7", kForward, handle, x, w, conv, y}, requested, returned, results);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
        cudnnHandle_t handle, D w, D dy, D conv, D dx, int requested, int* returned, Perf* results) {
    return get({"cudnnGetConvolutionBackwardDataAlgorithm_v7", kData, handle, dx, w, conv, dy}, requested, returned,
            results);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(
        cudnnHandle_t handle, D x, D dy, D conv, D dw, int requested, int* returned, Perf* results) {
    return get({"cudnnGetConvolutionBackwardFilterAlgorithm_v7", kFilter, handle, x, dw, conv, dy}, requested, returned,
            results);
}

CUDNN_API cudnnStatus_t cudnnFindConvolutionForwardAlgorithm(
        cudnnHandle_t handle, D x, D w, D conv, D y, int requested, int* returned, Perf* results) {
    return find(
            {"cudnnFindConvolutionForwardAlgorithm", kForward, handle, x, w, conv, y}, requested, returned, results);
}

CUDNN_API cudnnStatus_t cudnnFindConvolutionBackwardDataAlgorithm(
        cudnnHandle_t handle, D w, D dy, D conv, D dx, int requested, int* returned, Perf* results) {
    return find({"cudnnFindConvolutionBackwardDataAlgorithm", kData, handle, dx, w, conv, dy}, requested, returned,
            results);
}

CUDNN_API cudnnStatus_t cudnnFindConvolutionBackwardFilterAlgorithm(
        cudnnHandle_t handle, D x, D dy, D conv, D dw, int requested, int* returned, Perf* results) {
    return find({"cudnnFindConvolutionBackwardFilterAlgorithm", kFilter, handle, x, dw, conv, dy}, requested, returned,
            results);
}

CUDNN_API cudnnStatus_t cudnnFindConvolutionForwardAlgorithmEx(cudnnHandle_t handle, D x_descriptor, const void* x,
        D w_descriptor, const void* w, D conv, D y_descriptor, void* y, int requested, int* returned, Perf* results,
        void* workspace, size_t bytes) {
    return find_in({"cudnnFindConvolutionForwardAlgorithmEx", kForward, handle, x_descriptor, w_descriptor, conv,
                           y_descriptor},
            x, w, y, requested, returned, results, workspace, bytes);
}

CUDNN_API cudnnStatus_t cudnnFindConvolutionBackwardDataAlgorithmEx(cudnnHandle_t handle, D w_descriptor, const void* w,
        D dy_descriptor, const void* dy, D conv, D dx_descriptor, void* dx, int requested, int* returned, Perf* results,
        void* workspace, size_t bytes) {
    return find_in({"cudnnFindConvolutionBackwardDataAlgorithmEx", kData, handle, dx_descriptor, w_descriptor, conv,
                           dy_descriptor},
            dx, w, dy, requested, returned, results, workspace, bytes);
}

CUDNN_API cudnnStatus_t cudnnFindConvolutionBackwardFilterAlgorithmEx(cudnnHandle_t handle, D x_descriptor,
        const void* x, D dy_descriptor, const void* dy, D conv, D dw_descriptor, void* dw, int requested, int* returned,
        Perf* results, void* workspace, size_t bytes) {
    return find_in({"cudnnFindConvolutionBackwardFilterAlgorithmEx", kFilter, handle, x_descriptor, dw_descriptor, conv,
                           dy_descriptor},
            x, dw, dy, requested, returned, results, workspace, bytes);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(
        cudnnHandle_t handle, D x, D w, D conv, D y, int algorithm, size_t* bytes) {
    return workspace_size(
            {"cudnnGetConvolutionForwardWorkspaceSize", kForward, handle, x, w, conv, y}, algorithm, bytes);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
        cudnnHandle_t handle, D w, D dy, D conv, D dx, int algorithm, size_t* bytes) {
    return workspace_size(
            {"cudnnGetConvolutionBackwardDataWorkspaceSize", kData, handle, dx, w, conv, dy}, algorithm, bytes);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
        cudnnHandle_t handle, D x, D dy, D conv, D dw, int algorithm, size_t* bytes) {
    return workspace_size(
            {"cudnnGetConvolutionBackwardFilterWorkspaceSize", kFilter, handle, x, dw, conv, dy}, algorithm, bytes);
}
