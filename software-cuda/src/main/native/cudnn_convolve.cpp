// The calls that convolve.
#include "cudnn_convolution.h"
#include "cudnn_patches.h"
#include "enqueue.h"
#include "numbers.h"

using namespace soft;

namespace {

struct Workspace {
    void* memory;
    size_t bytes;
};

const char* name_of_image(Direction direction) { return direction == Direction::backward_data ? "dx" : "x"; }
const char* name_of_filter(Direction direction) { return direction == Direction::backward_filter ? "dw" : "w"; }
const char* name_of_result(Direction direction) { return direction == Direction::forward ? "y" : "dy"; }

// Checks the memory of a convolution whose descriptors agree, and enqueues it.
cudnnStatus_t launch(const char* call, const Cudnn& cudnn, const Problem& p, int algorithm_id, void* x, void* w,
        void* y, Workspace workspace, const Epilogue& epilogue) {
    if (algorithm_id < 0 || algorithm_id >= algorithm_count(p.direction)) return bad_param(call, "no such algorithm");
    const Algorithm* algorithm = choose(p, algorithm_id);
    if (algorithm == nullptr)
        return refuse_cudnn(
                CUDNN_STATUS_NOT_SUPPORTED, call, "algorithm %d for this layout, data type or shape", algorithm_id);
    if (auto status = check_memory(call, name_of_image(p.direction), x, p.x.extent(), p.x.type)) return status;
    if (auto status = check_memory(call, name_of_filter(p.direction), w, p.w.extent(), p.w.type)) return status;
    if (auto status = check_memory(call, name_of_result(p.direction), y, p.y.extent(), p.y.type)) return status;
    const size_t needed = algorithm->workspace(p);
    if (workspace.bytes < needed)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "algorithm %d needs a workspace of %zu bytes, got %zu",
                algorithm_id, needed, workspace.bytes);
    if (needed > 0 && workspace.memory == nullptr) return bad_param(call, "the workspace is null");
    if (const char* why = needed > 0 ? soft_outside(workspace.memory, needed) : nullptr)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "the workspace: %s", why);

    struct Range {
        const void* memory;
        long bytes;
    } ranges[] = {{x, p.x.extent() * size_of(p.x.type)}, {w, p.w.extent() * size_of(p.w.type)},
            {y, p.y.extent() * size_of(p.y.type)}, {workspace.memory, long(needed)}};
    const int written = p.direction == Direction::forward ? 2 : p.direction == Direction::backward_data ? 0 : 1;
    for (int i = 0; i < 4; i++) {
        if (i != written && overlap(ranges[written].memory, ranges[written].bytes, ranges[i].memory, ranges[i].bytes))
            return bad_param(call, "the result overlaps an input or the workspace");
        if (i != 3 && overlap(ranges[3].memory, ranges[3].bytes, ranges[i].memory, ranges[i].bytes))
            return bad_param(call, "the workspace overlaps an input or the result");
    }
    ConvolutionWork work{p, x, w, y, epilogue, algorithm->deterministic, workspace.memory, needed};
    if (enqueue(cudnn.stream, call, work))
        return refuse_cudnn(CUDNN_STATUS_EXECUTION_FAILED, call, "the stream did not take the work");
    return CUDNN_STATUS_SUCCESS;
}

struct Descriptors {
    cudnnDescriptor_t x, w, conv, y;
};

cudnnStatus_t convolve(const char* call, Direction direction, cudnnHandle_t handle, const void* alpha,
        const Descriptors& descriptors, const void* x, const void* w, const void* y, int algorithm, Workspace workspace,
        const void* beta) {
    Cudnn* cudnn;
    Problem problem;
    Epilogue epilogue;
    if (auto status = enter(call, handle, &cudnn)) return status;
    if (auto status = Problem::of(
                call, direction, descriptors.x, descriptors.w, descriptors.conv, descriptors.y, &problem))
        return status;
    if (auto status = read_factor(call, "alpha", alpha, problem.x.type, &epilogue.alpha)) return status;
    if (auto status = read_factor(call, "beta", beta, problem.x.type, &epilogue.beta)) return status;
    return launch(call, *cudnn, problem, algorithm, const_cast<void*>(x), const_cast<void*>(w), const_cast<void*>(y),
            workspace, epilogue);
}

// What cuDNN says of bias and activation beyond the convolution itself.
cudnnStatus_t check_epilogue(const char* call, const Problem& p, int algorithm, const Tensor& bias, const Tensor& z,
        const Activation& activation) {
    if (activation.mode != CUDNN_ACTIVATION_RELU && activation.mode != CUDNN_ACTIVATION_IDENTITY)
        return not_supported(call, "an activation other than ReLU and identity");
    if (activation.nan != CUDNN_NOT_PROPAGATE_NAN) return not_supported(call, "an activation that propagates NaN");
    if (activation.mode == CUDNN_ACTIVATION_IDENTITY && algorithm != CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM)
        return not_supported(call, "the identity activation with an algorithm other than IMPLICIT_PRECOMP_GEMM");
    if (bias.n != 1 || bias.c != p.y.c || bias.h != 1 || bias.w != 1)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "the bias is [%d, %d, %d, %d], expected [1, %d, 1, 1]",
                bias.n, bias.c, bias.h, bias.w, p.y.c);
    if (bias.c > 1 && bias.sc != 1) return not_supported(call, "a bias whose channels are not next to each other");
    if (bias.type != p.y.type) return bad_param(call, "the data types of bias and y differ");
    if (!z.same_shape(p.y) || z.type != p.y.type) return bad_param(call, "the descriptors of z and y do not match");
    return CUDNN_STATUS_SUCCESS;
}

template <class T>
void sum_channels(const Tensor& shape, const void* dy, void* db, long db_stride, double alpha, double beta) {
    const Patches<const T> pixels{static_cast<const T*>(dy), shape.sn, shape.sc, shape.c,
            Axis::identity(shape.h, shape.sh), Axis::identity(shape.w, shape.sw)};
    std::vector<double> sums(shape.c, 0.0);
    for (long line = 0; line < long(shape.n) * shape.h * shape.w; line++)
        pixels.runs(line, 0, shape.c, [&](long at, long count, const T* from, long step) {
            for (long i = 0; i < count; i++)
                sums[at + i] += widen(from[i * step]);
        });
    using Acc = decltype(widen(T()));
    for (long i = 0; i < shape.c; i++) {
        T* to = static_cast<T*>(db) + i * db_stride;
        double before = beta == 0 ? 0 : beta * widen(*to);
        *to = narrow<T>(static_cast<Acc>(alpha * sums[i] + before));
    }
}

} // namespace

CUDNN_API cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void* alpha, cudnnDescriptor_t x_descriptor,
        const void* x, cudnnDescriptor_t w_descriptor, const void* w, cudnnDescriptor_t conv, int algorithm,
        void* workspace, size_t bytes, const void* beta, cudnnDescriptor_t y_descriptor, void* y) {
    return convolve("cudnnConvolutionForward", Direction::forward, handle, alpha,
            {x_descriptor, w_descriptor, conv, y_descriptor}, x, w, y, algorithm, {workspace, bytes}, beta);
}

CUDNN_API cudnnStatus_t cudnnConvolutionBackwardData(cudnnHandle_t handle, const void* alpha,
        cudnnDescriptor_t w_descriptor, const void* w, cudnnDescriptor_t dy_descriptor, const void* dy,
        cudnnDescriptor_t conv, int algorithm, void* workspace, size_t bytes, const void* beta,
        cudnnDescriptor_t dx_descriptor, void* dx) {
    return convolve("cudnnConvolutionBackwardData", Direction::backward_data, handle, alpha,
            {dx_descriptor, w_descriptor, conv, dy_descriptor}, dx, w, dy, algorithm, {workspace, bytes}, beta);
}

CUDNN_API cudnnStatus_t cudnnConvolutionBackwardFilter(cudnnHandle_t handle, const void* alpha,
        cudnnDescriptor_t x_descriptor, const void* x, cudnnDescriptor_t dy_descriptor, const void* dy,
        cudnnDescriptor_t conv, int algorithm, void* workspace, size_t bytes, const void* beta,
        cudnnDescriptor_t dw_descriptor, void* dw) {
    return convolve("cudnnConvolutionBackwardFilter", Direction::backward_filter, handle, alpha,
            {x_descriptor, dw_descriptor, conv, dy_descriptor}, x, dw, dy, algorithm, {workspace, bytes}, beta);
}

CUDNN_API cudnnStatus_t cudnnConvolutionBiasActivationForward(cudnnHandle_t handle, const void* alpha1,
        cudnnDescriptor_t x_descriptor, const void* x, cudnnDescriptor_t w_descriptor, const void* w,
        cudnnDescriptor_t conv, int algorithm, void* workspace, size_t bytes, const void* alpha2,
        cudnnDescriptor_t z_descriptor, const void* z, cudnnDescriptor_t bias_descriptor, const void* bias,
        cudnnDescriptor_t activation_descriptor, cudnnDescriptor_t y_descriptor, void* y) {
    const char* call = "cudnnConvolutionBiasActivationForward";
    Cudnn* cudnn;
    Problem problem;
    Epilogue epilogue;
    Tensor bias_shape;
    Activation activation;
    if (auto status = enter(call, handle, &cudnn)) return status;
    if (auto status = Problem::of(call, Direction::forward, x_descriptor, w_descriptor, conv, y_descriptor, &problem))
        return status;
    if (auto status = fetch(call, "zDesc", z_descriptor, &epilogue.z_shape)) return status;
    if (auto status = fetch(call, "biasDesc", bias_descriptor, &bias_shape)) return status;
    if (auto status = fetch(call, "activationDesc", activation_descriptor, &activation)) return status;
    if (auto status = check_epilogue(call, problem, algorithm, bias_shape, epilogue.z_shape, activation)) return status;
    if (auto status = read_factor(call, "alpha1", alpha1, problem.x.type, &epilogue.alpha)) return status;
    if (auto status = read_factor(call, "alpha2", alpha2, problem.x.type, &epilogue.beta)) return status;
    if (auto status = check_memory(call, "bias", bias, bias_shape.extent(), bias_shape.type)) return status;
    const long z_extent = epilogue.z_shape.extent();
    if (auto status = epilogue.beta == 0 ? CUDNN_STATUS_SUCCESS : check_memory(call, "z", z, z_extent, problem.y.type))
        return status;
    const long size = size_of(problem.y.type), y_bytes = problem.y.extent() * size;
    if (overlap(y, y_bytes, bias, bias_shape.extent() * size)) return bad_param(call, "y overlaps the bias");
    if (epilogue.beta != 0 && z != y && overlap(y, y_bytes, z, z_extent * size)) return bad_param(call, "y overlaps z");
    epilogue.bias = bias;
    epilogue.z = z;
    epilogue.relu = activation.mode == CUDNN_ACTIVATION_RELU;
    return launch(call, *cudnn, problem, algorithm, const_cast<void*>(x), const_cast<void*>(w), y, {workspace, bytes},
            epilogue);
}

CUDNN_API cudnnStatus_t cudnnConvolutionBackwardBias(cudnnHandle_t handle, const void* alpha,
        cudnnDescriptor_t dy_descriptor, const void* dy, const void* beta, cudnnDescriptor_t db_descriptor, void* db) {
    const char* call = "cudnnConvolutionBackwardBias";
    Cudnn* cudnn;
    Tensor shape, bias;
    double a = 0, b = 0;
    if (auto status = enter(call, handle, &cudnn)) return status;
    if (auto status = fetch(call, "dyDesc", dy_descriptor, &shape)) return status;
    if (auto status = fetch(call, "dbDesc", db_descriptor, &bias)) return status;
    if (bias.n != 1 || bias.h != 1 || bias.w != 1 || bias.c != shape.c || bias.type != shape.type)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call,
                "db is [%d, %d, %d, %d], expected [1, %d, 1, 1] in the type of dy", bias.n, bias.c, bias.h, bias.w,
                shape.c);
    if (auto status = read_factor(call, "alpha", alpha, shape.type, &a)) return status;
    if (auto status = read_factor(call, "beta", beta, shape.type, &b)) return status;
    if (auto status = check_memory(call, "dy", dy, shape.extent(), shape.type)) return status;
    if (auto status = check_memory(call, "db", db, bias.extent(), bias.type)) return status;
    const long size = size_of(shape.type);
    if (overlap(db, bias.extent() * size, dy, shape.extent() * size)) return bad_param(call, "db overlaps dy");
    auto run = shape.type == CUDNN_DATA_DOUBLE  ? sum_channels<double>
            : shape.type == CUDNN_DATA_HALF     ? sum_channels<f16>
            : shape.type == CUDNN_DATA_BFLOAT16 ? sum_channels<bf16>
                                                : sum_channels<float>;
    if (enqueue(cudnn->stream, call, [=] { run(shape, dy, db, bias.sc, a, b); }))
        return refuse_cudnn(CUDNN_STATUS_EXECUTION_FAILED, call, "the stream did not take the work");
    return CUDNN_STATUS_SUCCESS;
}
