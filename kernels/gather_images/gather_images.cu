// y[n] = the image that move n names, of bytes [M][H][W][C], moved, mirrored and normalised (org.alborz.backend.ImageGather). A move is four
// numbers: the image, how far down and to the right of a pixel its value is taken from, and whether columns are mirrored.
#include "../common/pixels.cuh"

using namespace alborz;

constexpr int MOVE = 4;

// A place outside of an axis, mirrored at its border.
__device__ __forceinline__ int inside(int place, int size) {
    int positive = place < 0 ? -place : place;
    return positive >= size ? 2 * (size - 1) - positive : positive;
}

template <class T>
__device__ void gatherImages(
        const unsigned char* x, const float* statistics, const int* moves, T* y, int height, int width, int channels,
        bool reflects, unsigned n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        unsigned place = (unsigned)i;
        unsigned channel = place % (unsigned)channels;
        place /= (unsigned)channels;
        int column = (int)(place % (unsigned)width);
        place /= (unsigned)width;
        int row = (int)(place % (unsigned)height);
        const int* move = moves + (long long)(place / (unsigned)height) * MOVE;
        int h = row + move[1];
        int w = (move[3] != 0 ? width - 1 - column : column) + move[2];
        bool own = reflects || (h >= 0 && h < height && w >= 0 && w < width);
        long long at = ((long long)move[0] * height + inside(h, height)) * width + inside(w, width);
        float value = normalizedPixel(x[at * channels + channel], statistics, channel, (unsigned)channels);
        y[i] = store<T>(own ? value : 0.0f);
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(gather_images_##name, const unsigned char* x, const float* statistics, const int* moves, T* y, int height,  \
            int width, int channels, int reflects, int n) {                                                            \
        gatherImages(x, statistics, moves, y, height, width, channels, reflects != 0, n);                              \
    }
FOR_FLOATING_TYPES(KERNELS)
