// The arithmetic of a convolution, in any direction, layout and data type.
#pragma once
#include "cudnn_problem.h"

namespace soft {

// y = activation(alpha · conv(x) + beta · z + bias), as cudnnConvolutionBiasActivationForward has it; alone, z is y.
struct Epilogue {
    double alpha = 1, beta = 0;
    const void* bias = nullptr;
    long bias_stride = 1;
    const void* z = nullptr;
    Tensor z_shape;
    bool relu = false;
};

// By the problem's direction y, x (then dx) or w (then dw) is written.
struct ConvolutionWork {
    Problem problem;
    void *x, *w, *y;
    Epilogue epilogue;
    bool deterministic;
    void* workspace;
    size_t workspace_bytes;

    void operator()() const;
};

// Whether a run sums in the other order: every second one of those that are not deterministic.
bool sums_backwards(bool deterministic);

} // namespace soft
