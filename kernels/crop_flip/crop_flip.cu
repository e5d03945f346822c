// Makes a batch of images of a set that lies on the GPU: picks each one's source, shifts it with zeros coming in, and mirrors it.
// Both are [n][height][width][channels]; moves[n] is {source, down, right, flip}. A thread a pixel.
#include "../common/fault.cuh"
#include "../common/types.cuh"

using namespace alborz;

template <class X, class Y>
__device__ void cropFlip(
        const X* x, const int* moves, const float* scale, const float* shift, Y* y, int images, int sources, int height,
        int width, int channels, IndexFault* fault) {
    long long pixels = (long long)images * height * width;
    for (long long pixel = firstElement(); pixel < pixels; pixel += elementStep()) {
        int column = (int)(pixel % width);
        int row = (int)(pixel / width % height);
        int n = (int)(pixel / width / height);
        const int* move = moves + 4LL * n;
        int fromRow = row + move[1];
        int fromColumn = (move[3] != 0 ? width - 1 - column : column) + move[2];
        bool inside = !isOutside(move[0], sources, n, fault) && (unsigned)fromRow < (unsigned)height
                && (unsigned)fromColumn < (unsigned)width;
        for (int c = 0; c < channels; c++) {
            float value = 0;
            if (inside) {
                value = load(x[(((long long)move[0] * height + fromRow) * width + fromColumn) * channels + c]);
                value = scale == nullptr ? value : value * scale[c] + shift[c];
            }
            y[pixel * channels + c] = store<Y>(value);
        }
    }
}

#define KERNELS(X, from, Y, to)                                                                                       \
    KERNEL(crop_flip_##from##_##to, const X* x, const int* moves, const float* scale, const float* shift, Y* y,       \
            int images, int sources, int height, int width, int channels, IndexFault* fault) {                        \
        cropFlip(x, moves, scale, shift, y, images, sources, height, width, channels, fault);                         \
    }
KERNELS(unsigned char, u8, float, f32)
KERNELS(unsigned char, u8, f16, f16)
KERNELS(unsigned char, u8, bf16, bf16)
KERNELS(float, f32, float, f32)
KERNELS(float, f32, f16, f16)
KERNELS(float, f32, bf16, bf16)
