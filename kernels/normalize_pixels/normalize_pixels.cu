// y = (x / 255 − mean[c]) / std[c] for bytes of images x [N][H][W][C], each operation rounded to float; 0 where rows [N][H] or columns
// [N][W][C], 1 where an image's own, is 0. statistics [2][C] holds the means and the deviations; rows and columns may both be null.
#include "../common/pixels.cuh"

using namespace alborz;

template <class T>
__device__ void normalizePixels(
        const unsigned char* x, const float* statistics, const unsigned char* rows, const unsigned char* columns, T* y,
        unsigned height, unsigned pitch, unsigned channels, unsigned n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        unsigned place = (unsigned)i;
        unsigned channel = place % channels;
        bool own = true;
        if (rows != nullptr) {
            unsigned row = place / pitch;
            own = rows[row] != 0 && columns[(long long)(row / height) * pitch + place % pitch] != 0;
        }
        float value = normalizedPixel(x[i], statistics, channel, channels);
        y[i] = store<T>(own ? value : 0.0f);
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(normalize_pixels_##name, const unsigned char* x, const float* statistics,                                   \
            const unsigned char* NULLABLE rows, const unsigned char* NULLABLE columns, T* y, int height, int pitch,    \
            int channels, int n) {                                                                                     \
        normalizePixels(x, statistics, rows, columns, y, height, pitch, channels, n);                                  \
    }
FOR_FLOATING_TYPES(KERNELS)
