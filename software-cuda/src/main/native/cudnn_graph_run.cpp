// Computes a graph, operation by operation, on float32 numbers that are rounded to the type of each tensor.
#include <cmath>
#include <cstring>

#include "cudnn_convolution.h"
#include "cudnn_graph.h"
#include "numbers.h"

namespace soft {

namespace {

// How many rows are added up on their own.
constexpr long kRowsTogether = 64;

using Numbers = std::vector<float>;

template <class T>
void widen_all(const void* from, Numbers& to) {
    for (size_t i = 0; i < to.size(); i++)
        to[i] = widen(static_cast<const T*>(from)[i]);
}

template <class T>
void narrow_all(const Numbers& from, void* to) {
    for (size_t i = 0; i < from.size(); i++)
        static_cast<T*>(to)[i] = narrow<T>(from[i]);
}

Numbers read(const GraphTensor& tensor, const void* memory) {
    Numbers numbers(tensor.elements());
    switch (tensor.type) {
        case CUDNN_DATA_HALF: widen_all<f16>(memory, numbers); break;
        case CUDNN_DATA_BFLOAT16: widen_all<bf16>(memory, numbers); break;
        default: widen_all<float>(memory, numbers);
    }
    return numbers;
}

void write(const GraphTensor& tensor, const Numbers& numbers, void* memory) {
    switch (tensor.type) {
        case CUDNN_DATA_HALF: return narrow_all<f16>(numbers, memory);
        case CUDNN_DATA_BFLOAT16: return narrow_all<bf16>(numbers, memory);
        default: return narrow_all<float>(numbers, memory);
    }
}

void round_to(int type, Numbers& numbers) {
    for (float& x : numbers)
        x = type == CUDNN_DATA_HALF ? widen(narrow<f16>(x)) : type == CUDNN_DATA_BFLOAT16 ? widen(narrow<bf16>(x)) : x;
}

class Interpreter {
public:
    Interpreter(const GraphWork& work, bool backwards) : work_(work), graph_(*work.graph), backwards_(backwards) {}

    void run() {
        for (const Node& node : graph_.nodes) {
            switch (node.kind) {
                case NodeKind::forward:
                case NodeKind::backward_data: convolve(node); break;
                case NodeKind::pointwise: apply(node); break;
                case NodeKind::statistics: sums(node, true); break;
                case NodeKind::reduction: sums(node, false); break;
            }
        }
        for (const auto& made : made_)
            if (!graph_.tensor(made.first).is_virtual)
                write(graph_.tensor(made.first), made.second, work_.memory.at(made.first));
    }

private:
    const GraphWork& work_;
    const OperationGraph& graph_;
    const bool backwards_;
    std::map<long, Numbers> made_, read_;

    const Numbers& numbers(long uid) {
        auto made = made_.find(uid);
        if (made != made_.end()) return made->second;
        auto known = read_.find(uid);
        if (known == read_.end())
            known = read_.emplace(uid, read(graph_.tensor(uid), work_.memory.at(uid))).first;
        return known->second;
    }

    void keep(long uid, Numbers numbers) {
        round_to(graph_.tensor(uid).type, numbers);
        made_[uid] = std::move(numbers);
    }

    // As the legacy calls: float is rounded to TF32, halves are exact; all is summed in float.
    void convolve(const Node& node) {
        const GraphTensor& input = graph_.tensor(node.inputs[0]);
        Problem problem = graph_.problem(node);
        problem.conv.math = input.type == CUDNN_DATA_FLOAT ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH;
        problem.x.type = problem.y.type = problem.w.type = CUDNN_DATA_FLOAT;
        Numbers a = numbers(node.inputs[0]), w = numbers(node.inputs[1]);
        Numbers result(graph_.tensor(node.outputs[0]).elements());
        const bool forward = node.kind == NodeKind::forward;
        ConvolutionWork convolution{problem, forward ? a.data() : result.data(), w.data(),
                forward ? result.data() : a.data(), {}, true, nullptr, 0};
        convolution();
        keep(node.outputs[0], std::move(result));
    }

    void apply(const Node& node) {
        const Backend& settings = node.descriptor->of(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
        const Numbers& x = numbers(node.inputs[0]);
        const Numbers& b = numbers(node.inputs.back());
        const float lower = float(settings.factor(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP, 0));
        const float upper = float(settings.factor(CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, INFINITY));
        const bool passes_nan = settings.get_or<int>(CUDNN_ATTR_POINTWISE_NAN_PROPAGATION, CUDNN_NOT_PROPAGATE_NAN)
                == CUDNN_PROPAGATE_NAN;
        const int mode = node.mode();
        Numbers y(x.size());
        for (size_t i = 0; i < x.size(); i++) {
            const float other = b[b.size() == x.size() ? i : i % b.size()];
            switch (mode) {
                case CUDNN_POINTWISE_ADD: y[i] = x[i] + other; break;
                case CUDNN_POINTWISE_SUB: y[i] = x[i] - other; break;
                case CUDNN_POINTWISE_MUL: y[i] = x[i] * other; break;
                case CUDNN_POINTWISE_MIN: y[i] = std::fmin(x[i], other); break;
                case CUDNN_POINTWISE_MAX: y[i] = std::fmax(x[i], other); break;
                case CUDNN_POINTWISE_RELU_FWD:
                    y[i] = passes_nan && x[i] != x[i] ? x[i] : std::fmin(std::fmax(x[i], lower), upper);
                    break;
                case CUDNN_POINTWISE_RELU_BWD: y[i] = other > lower && other < upper ? x[i] : 0; break;
                default: y[i] = x[i];
            }
        }
        keep(node.outputs[0], std::move(y));
    }

    // Rows are added up in groups, and the groups in turn: from the last to the first, if backwards.
    void sums(const Node& node, bool statistics) {
        const Numbers& x = numbers(node.inputs[0]);
        const long channels = graph_.tensor(node.inputs[0]).sizes[1], rows = long(x.size()) / channels;
        const long groups = (rows + kRowsTogether - 1) / kRowsTogether;
        Numbers total(channels, 0), squares(channels, 0), part(channels), partOfSquares(channels);
        for (long k = 0; k < groups; k++) {
            const long first = (backwards_ ? groups - 1 - k : k) * kRowsTogether;
            std::fill(part.begin(), part.end(), 0.0f);
            std::fill(partOfSquares.begin(), partOfSquares.end(), 0.0f);
            for (long row = first; row < std::min(rows, first + kRowsTogether); row++)
                for (long c = 0; c < channels; c++) {
                    const float value = x[row * channels + c];
                    part[c] += value;
                    partOfSquares[c] += value * value;
                }
            for (long c = 0; c < channels; c++) {
                total[c] += part[c];
                squares[c] += partOfSquares[c];
            }
        }
        keep(node.outputs[0], std::move(total));
        if (statistics) keep(node.outputs[1], std::move(squares));
    }
};

} // namespace

void GraphWork::operator()() const {
    const bool backwards = sums_backwards(deterministic);
    if (workspace_bytes > 0)
        std::memset(workspace, 0xff, workspace_bytes); // so that a caller that keeps something there gets NaN
    Interpreter(*this, backwards).run();
}

} // namespace soft
