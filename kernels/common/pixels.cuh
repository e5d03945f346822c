// Bytes of images to numbers. statistics [2][C] holds the means of the channels and then their deviations.
#pragma once

#include "types.cuh"

namespace alborz {

// (byte / 255 − mean) / std, each operation rounded to float.
__device__ __forceinline__ float normalizedPixel(
        unsigned char byte, const float* statistics, unsigned channel, unsigned channels) {
    return (load(byte) / 255.0f - statistics[channel]) / statistics[channels + channel];
}

}  // namespace alborz
