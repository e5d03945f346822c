// One convolution to be done: shapes, layout and data type in any of the three directions, and which algorithms can do
// it.
#pragma once
#include <vector>

#include "cudnn_descriptors.h"

namespace soft {

enum class Direction { forward, backward_data, backward_filter };

// x and y are the image and the result of the forward direction; their gradients have the same descriptors.
struct Problem {
    Direction direction;
    Tensor x, y;
    Filter w;
    Convolution conv;

    // Gets the descriptors and checks that they agree.
    static cudnnStatus_t of(const char* call, Direction direction, cudnnDescriptor_t x, cudnnDescriptor_t w,
            cudnnDescriptor_t conv, cudnnDescriptor_t y, Problem* problem);

    bool channels_last() const { return w.is_nhwc(); }
};

struct Algorithm {
    int id;
    bool deterministic;
    bool channels_last; // has kernels for NHWC filters
    bool simple_only; // 3 × 3, stride and dilation 1: what Winograd's kernels take
    size_t (*workspace)(const Problem&);

    bool solves(const Problem& problem) const;
};

// Fastest first, as cuDNN's heuristics would have it; ids that are missing are never supported.
const std::vector<Algorithm>& algorithms(Direction direction);

int algorithm_count(Direction direction);

// Null for one that cannot solve this.
const Algorithm* choose(const Problem& problem, int id);

} // namespace soft
