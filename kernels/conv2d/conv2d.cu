// Convolution by its definition, for what cuDNN refuses: images dense and channels-last, weights [KH][KW][C/groups][O], each under 2^31
// elements. conv2d and backward_data: a thread an element of the result. backward_filter: a block up to 32 outputs of one
// weight row, its lanes sharing the pixels (common/tile.cuh). Sums are taken in short pieces, which keeps rounding errors small.
#include "../common/math.cuh"
#include "../common/team.cuh"
#include "../common/tile.cuh"
#include "../common/types.cuh"

using namespace alborz;

struct Conv2d {
    int images, channels, height, width, outputs, kernelH, kernelW, outputH, outputW, strideH, strideW, paddingH, paddingW,
            dilationH, dilationW, groups;

    __device__ __forceinline__ int groupChannels() const { return channels / groups; }
    __device__ __forceinline__ int groupOutputs() const { return outputs / groups; }

    // The input row under weight row u at output row i; outside the image in the padding.
    __device__ __forceinline__ int row(int i, int u) const { return i * strideH - paddingH + u * dilationH; }
    __device__ __forceinline__ int column(int j, int v) const { return j * strideW - paddingW + v * dilationW; }

    __device__ __forceinline__ bool isInside(int row, int column) const {
        return (unsigned)row < (unsigned)height && (unsigned)column < (unsigned)width;
    }
    __device__ __forceinline__ int input(int n, int row, int column) const {
        return ((n * height + row) * width + column) * channels;
    }
    __device__ __forceinline__ int output(int n, int i, int j) const {
        return ((n * outputH + i) * outputW + j) * outputs;
    }
    // The weights of all outputs for channel c of a group.
    __device__ __forceinline__ int weight(int u, int v, int c) const {
        return ((u * kernelW + v) * groupChannels() + c) * outputs;
    }
};

static_assert(sizeof(Conv2d) == 64, "the layout that README.md tells");

template <class T>
__device__ void forward(const T* x, const T* w, T* y, const Conv2d& g) {
    using A = Arithmetic<T>;
    long long count = (long long)g.images * g.outputH * g.outputW * g.outputs;
    for (long long at = firstElement(); at < count; at += elementStep()) {
        int o = (int)(at % g.outputs);
        int pixel = (int)(at / g.outputs);
        int j = pixel % g.outputW, i = pixel / g.outputW % g.outputH, n = pixel / g.outputW / g.outputH;
        int firstChannel = o / g.groupOutputs() * g.groupChannels();
        A total = 0;
        for (int u = 0; u < g.kernelH; u++) {
            for (int v = 0; v < g.kernelW; v++) {
                if (g.isInside(g.row(i, u), g.column(j, v))) {
                    const T* from = x + g.input(n, g.row(i, u), g.column(j, v)) + firstChannel;
                    A sum = 0;
                    for (int c = 0; c < g.groupChannels(); c++) {
                        sum += load(from[c]) * load(w[g.weight(u, v, c) + o]);
                    }
                    total += sum;
                }
            }
        }
        y[at] = store<T>(total);
    }
}

// The output row or column whose window has `at` under weight `u`, or −1.
__device__ __forceinline__ int outputAt(int at, int u, int stride, int padding, int dilation, int outputs) {
    int distance = at + padding - u * dilation;
    return distance < 0 || distance % stride != 0 || distance / stride >= outputs ? -1 : distance / stride;
}

template <class T>
__device__ void backwardData(const T* dy, const T* w, T* dx, const Conv2d& g) {
    using A = Arithmetic<T>;
    long long count = (long long)g.images * g.height * g.width * g.channels;
    for (long long at = firstElement(); at < count; at += elementStep()) {
        int channel = (int)(at % g.channels);
        int pixel = (int)(at / g.channels);
        int column = pixel % g.width, row = pixel / g.width % g.height, n = pixel / g.width / g.height;
        int firstOutput = channel / g.groupChannels() * g.groupOutputs();
        A total = 0;
        for (int u = 0; u < g.kernelH; u++) {
            int i = outputAt(row, u, g.strideH, g.paddingH, g.dilationH, g.outputH);
            for (int v = 0; v < g.kernelW && i >= 0; v++) {
                int j = outputAt(column, v, g.strideW, g.paddingW, g.dilationW, g.outputW);
                if (j >= 0) {
                    const T* from = dy + g.output(n, i, j) + firstOutput;
                    const T* weights = w + g.weight(u, v, channel % g.groupChannels()) + firstOutput;
                    A sum = 0;
                    for (int o = 0; o < g.groupOutputs(); o++) {
                        sum += load(from[o]) * load(weights[o]);
                    }
                    total += sum;
                }
            }
        }
        dx[at] = store<T>(total);
    }
}

template <class T>
__device__ void backwardFilter(const T* x, const T* dy, T* dw, const Conv2d& g) {
    using A = Arithmetic<T>;
    Tile tile = Tile::of(g.groupOutputs());
    int tiles = (int)Tile::count(g.groupOutputs());
    long long count = (long long)g.kernelH * g.kernelW * g.channels * tiles;
    for (long long item = blockIdx.x; item < count; item += gridDim.x) {
        int channel = (int)(item / tiles % g.channels);
        int place = (int)(item / tiles / g.channels);
        int u = place / g.kernelW, v = place % g.kernelW;
        int inGroup = (int)(item % tiles) * tile.width + tile.column;
        int o = channel / g.groupChannels() * g.groupOutputs() + inGroup;
        A total = 0;
        for (int n = 0; n < g.images && inGroup < g.groupOutputs(); n++) {
            for (int i = 0; i < g.outputH; i++) {
                A sum = 0;
                for (int j = tile.lane; j < g.outputW; j += tile.depth) {
                    if (g.isInside(g.row(i, u), g.column(j, v))) {
                        sum += load(x[g.input(n, g.row(i, u), g.column(j, v)) + channel]) * load(dy[g.output(n, i, j) + o]);
                    }
                }
                total += sum;
            }
        }
        total = tile.all(total, Sum());
        if (tile.lane == 0 && inGroup < g.groupOutputs()) {
            dw[g.weight(u, v, channel % g.groupChannels()) + o] = store<T>(total);
        }
    }
}

#define KERNELS(T, name)                                                                                              \
    KERNEL(conv2d_##name, const T* x, const T* w, T* y, Conv2d g) { forward(x, w, y, g); }                            \
    KERNEL(conv2d_backward_data_##name, const T* dy, const T* w, T* dx, Conv2d g) { backwardData(dy, w, dx, g); }     \
    KERNEL(conv2d_backward_filter_##name, const T* x, const T* dy, T* dw, Conv2d g) { backwardFilter(x, dy, dw, g); }
FOR_FLOATING_TYPES(KERNELS)
