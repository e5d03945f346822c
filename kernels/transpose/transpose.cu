// y[b][c][r] = x[b][r][c], both of stride 1 along their last axis. A block moves tiles of 32 by 32 through shared memory, so that
// reads and writes are both of neighbouring elements; a row of the tile has one element more, which spreads a column over the banks.
#include "../common/types.cuh"

using namespace alborz;

constexpr int SIDE = 32;
constexpr int ROWS_AT_ONCE = BLOCK / SIDE;

template <class T>
__device__ void transpose(
        const T* x, T* y, int rows, int columns, long long batch, long long xBatch, long long xRow, long long yBatch,
        long long yRow) {
    __shared__ T tile[SIDE][SIDE + 1];
    int tilesDown = (rows + SIDE - 1) / SIDE;
    int tilesAcross = (columns + SIDE - 1) / SIDE;
    int across = threadIdx.x % SIDE;
    int down = threadIdx.x / SIDE;
    long long tiles = batch * tilesDown * tilesAcross;
    for (long long i = blockIdx.x; i < tiles; i += gridDim.x) {
        int left = (int)(i % tilesAcross) * SIDE;
        int top = (int)(i / tilesAcross % tilesDown) * SIDE;
        const T* from = x + i / tilesAcross / tilesDown * xBatch;
        T* to = y + i / tilesAcross / tilesDown * yBatch;
        for (int r = down; r < SIDE; r += ROWS_AT_ONCE) {
            if (top + r < rows && left + across < columns) {
                tile[r][across] = from[(top + r) * xRow + left + across];
            }
        }
        __syncthreads();
        for (int c = down; c < SIDE; c += ROWS_AT_ONCE) {
            if (left + c < columns && top + across < rows) {
                to[(left + c) * yRow + top + across] = tile[across][c];
            }
        }
        __syncthreads();
    }
}

#define KERNELS(T, name)                                                                                              \
    KERNEL(transpose_##name, const T* x, T* y, int rows, int columns, long long batch, long long xBatch,              \
            long long xRow, long long yBatch, long long yRow) {                                                       \
        transpose(x, y, rows, columns, batch, xBatch, xRow, yBatch, yRow);                                            \
    }
FOR_ALL_TYPES(KERNELS)
