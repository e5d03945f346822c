// Scaled dot-product attention by tiles (org.alborz.backend.Attention): queries [heads][queries][keySize], keys [heads / shared][keys][keySize]
// and values [heads / shared][keys][valueSize], where `heads` counts those of the whole batch and `shared` of them after each other read the
// same keys; results [heads][queries][valueSize]. In each the last axis is contiguous, and AttentionStrides has the distances of samples, heads
// and rows in elements; gradients have the strides of what they belong to. The mask is chosen (true where a query attends) or added, or both are null; its strides are those of batch, head, query and key.
// Weight i of [heads][queries][keys] is dropped where word i, of 24 bits, is below the threshold, 0 for no dropout; the others are multiplied by
// dropScale.
// statistics are [heads][queries][2]: the largest product of each query, −∞ where none counts, and the sum of the exponentials.
//
// A warp a query, or in attention_backward_keys a key: its lanes take as many keys (queries) of a tile for the products, and as many numbers
// of a row for the sums. Every sum is made in one order. Sizes are at most WIDEST.
#include "../common/math.cuh"
#include "../common/philox.cuh"
#include "../common/softmax.cuh"
#include "../common/team.cuh"
#include "../common/types.cuh"

using namespace alborz;

constexpr int ROWS = BLOCK / WARP;

// The largest size of a row, so that the tiles fit into 48 KiB of shared memory.
template <class A>
constexpr int WIDEST = sizeof(A) == sizeof(double) ? 64 : 128;

namespace alborz {

struct AttentionStrides {
    int qBatch, qHead, qRow, kBatch, kHead, kRow, vBatch, vHead, vRow, yBatch, yHead, yRow;
};

}  // namespace alborz

template <class T>
struct Problem {
    const T *q, *k, *v;
    AttentionStrides at;
    const bool* chosen;
    const T* added;
    long long maskBatch, maskHead, maskQuery, maskKey;
    Random random;
    unsigned threshold;
    double dropScale;
    double scale;
    int causal, heads, perBatch, shared, queries, keys, keySize, valueSize;

    // Where a head's rows begin, of those of the whole batch.
    __device__ __forceinline__ long long queryRows(int head) const { return start(head, perBatch, at.qBatch, at.qHead); }
    __device__ __forceinline__ long long resultRows(int head) const { return start(head, perBatch, at.yBatch, at.yHead); }
    __device__ __forceinline__ long long keyRows(int group) const {
        return start(group, perBatch / shared, at.kBatch, at.kHead);
    }
    __device__ __forceinline__ long long valueRows(int group) const {
        return start(group, perBatch / shared, at.vBatch, at.vHead);
    }
    __device__ __forceinline__ static long long start(int head, int ofSample, int sampleStride, int headStride) {
        return (long long)(head / ofSample) * sampleStride + (long long)(head % ofSample) * headStride;
    }

    // How many keys, from the first, a query may attend to.
    __device__ __forceinline__ int visible(int query) const {
        if (causal == 0) {
            return keys;
        }
        int seen = query + keys - queries + 1;
        return seen < 0 ? 0 : seen > keys ? keys : seen;
    }

    // What dropout makes of a weight, or of its gradient.
    __device__ __forceinline__ Arithmetic<T> dropped(Arithmetic<T> x, int head, int query, int key) const {
        if (threshold == 0) {
            return x;
        }
        unsigned long long at = ((unsigned long long)head * queries + query) * keys + key;
        unsigned words[WORDS];
        random.draw(at / WORDS, words);
        unsigned part = (unsigned)(at % WORDS);
        unsigned word = part == 0 ? words[0] : part == 1 ? words[1] : part == 2 ? words[2] : words[3];
        return upper24(word) < threshold ? (Arithmetic<T>)0 : x * (Arithmetic<T>)dropScale;
    }

    // A scaled product with the mask; −∞ where the query does not attend.
    __device__ __forceinline__ Arithmetic<T> masked(Arithmetic<T> product, int head, int query, int key) const {
        using A = Arithmetic<T>;
        if (key >= visible(query)) {
            return -math::infinity<A>();
        }
        long long at = head / perBatch * maskBatch + head % perBatch * maskHead + query * maskQuery + key * maskKey;
        if (chosen != nullptr && !chosen[at]) {
            return -math::infinity<A>();
        }
        return added == nullptr ? product : product + (A)load(added[at]);
    }
};

// Copies `count` rows of a matrix from row `first` on into a tile, times a factor; rows beyond the last are 0.
template <int COUNT, class T, class A, int WIDTH>
__device__ __forceinline__ void copyRows(
        const T* from, int stride, int first, int rows, int size, A factor, A (&tile)[COUNT][WIDTH]) {
    for (int i = threadIdx.x; i < COUNT * size; i += BLOCK) {
        int row = i / size;
        int column = i % size;
        tile[row][column] = first + row < rows ? (A)load(from[(long long)(first + row) * stride + column]) * factor : (A)0;
    }
}

template <class A>
__device__ __forceinline__ A product(const A* a, const A* b, int size) {
    A sum = 0;
    for (int i = 0; i < size; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

template <class A>
__device__ __forceinline__ A weight(A score, A largest, A sum) {
    return score == -math::infinity<A>() ? (A)0 : math::exp(score - largest) / sum;
}

template <class T>
__device__ void forward(const Problem<T>& p, T* y, Arithmetic<T>* statistics) {
    using A = Arithmetic<T>;
    constexpr int W = WIDEST<A>;
    __shared__ A queryRows[ROWS][W + 1];
    __shared__ A keyTile[WARP][W + 1];
    __shared__ A valueTile[WARP][W + 1];
    __shared__ A weights[ROWS][WARP];
    int lane = threadIdx.x % WARP;
    int warp = threadIdx.x / WARP;
    int tiles = (p.queries + ROWS - 1) / ROWS;
    for (long long unit = blockIdx.x; unit < (long long)p.heads * tiles; unit += gridDim.x) {
        int head = (int)(unit / tiles);
        int first = (int)(unit % tiles) * ROWS;
        int row = first + warp;
        const T* keys = p.k + p.keyRows(head / p.shared);
        const T* values = p.v + p.valueRows(head / p.shared);
        A sums[W / WARP] = {};
        A largest = -math::infinity<A>();
        A total = 0;
        __syncthreads();  // the rows of the unit before have been read
        copyRows(p.q + p.queryRows(head), p.at.qRow, first, p.queries, p.keySize, (A)p.scale, queryRows);
        int last = first + ROWS < p.queries ? first + ROWS - 1 : p.queries - 1;
        int visible = p.visible(last);
        for (int from = 0; from < visible; from += WARP) {
            __syncthreads();
            copyRows(keys, p.at.kRow, from, p.keys, p.keySize, (A)1, keyTile);
            copyRows(values, p.at.vRow, from, p.keys, p.valueSize, (A)1, valueTile);
            __syncthreads();
            A score = -math::infinity<A>();
            if (row < p.queries && from + lane < p.keys) {
                score = p.masked(product(queryRows[warp], keyTile[lane], p.keySize), head, row, from + lane);
            }
            A next = math::maximum(largest, Warp::all(score, Larger()));
            A kept = next == -math::infinity<A>() ? (A)1 : math::exp(largest - next);
            A own = weight(score, next, (A)1);
            total = total * kept + Warp::all(own, Sum());
            largest = next;
            weights[warp][lane] = own == 0 ? own : p.dropped(own, head, row, from + lane);
            __syncthreads();
#pragma unroll
            for (int c = 0; c < W / WARP; c++) {
                int d = c * WARP + lane;
                if (d < p.valueSize) {
                    A part = 0;
                    for (int i = 0; i < WARP; i++) {
                        part += weights[warp][i] * valueTile[i][d];
                    }
                    sums[c] = sums[c] * kept + part;
                }
            }
        }
        if (row < p.queries) {
            long long at = (long long)head * p.queries + row;
            T* result = y + p.resultRows(head) + (long long)row * p.at.yRow;
#pragma unroll
            for (int c = 0; c < W / WARP; c++) {
                int d = c * WARP + lane;
                if (d < p.valueSize) {
                    result[d] = store<T>(total == 0 ? (A)0 : sums[c] / total);
                }
            }
            if (lane == 0) {
                statistics[2 * at] = largest;
                statistics[2 * at + 1] = total;
            }
        }
    }
}

template <class T>
__device__ void ofQueries(const Problem<T>& p, const T* y, const Arithmetic<T>* statistics, const T* dy, T* dq) {
    using A = Arithmetic<T>;
    constexpr int W = WIDEST<A>;
    __shared__ A queryRows[ROWS][W + 1];
    __shared__ A slopeRows[ROWS][W + 1];
    __shared__ A keyTile[WARP][W + 1];
    __shared__ A valueTile[WARP][W + 1];
    __shared__ A slopes[ROWS][WARP];
    int lane = threadIdx.x % WARP;
    int warp = threadIdx.x / WARP;
    int tiles = (p.queries + ROWS - 1) / ROWS;
    for (long long unit = blockIdx.x; unit < (long long)p.heads * tiles; unit += gridDim.x) {
        int head = (int)(unit / tiles);
        int first = (int)(unit % tiles) * ROWS;
        int row = first + warp;
        long long at = (long long)head * p.queries + row;
        const T* keys = p.k + p.keyRows(head / p.shared);
        const T* values = p.v + p.valueRows(head / p.shared);
        A sums[W / WARP] = {};
        __syncthreads();  // the rows of the unit before have been read
        copyRows(p.q + p.queryRows(head), p.at.qRow, first, p.queries, p.keySize, (A)p.scale, queryRows);
        copyRows(dy + p.resultRows(head), p.at.yRow, first, p.queries, p.valueSize, (A)1, slopeRows);
        __syncthreads();
        A inner = 0;
        for (int d = lane; d < p.valueSize && row < p.queries; d += WARP) {
            inner += slopeRows[warp][d] * (A)load(y[p.resultRows(head) + (long long)row * p.at.yRow + d]);
        }
        inner = Warp::all(inner, Sum());
        int last = first + ROWS < p.queries ? first + ROWS - 1 : p.queries - 1;
        int visible = p.visible(last);
        for (int from = 0; from < visible; from += WARP) {
            __syncthreads();
            copyRows(keys, p.at.kRow, from, p.keys, p.keySize, (A)1, keyTile);
            copyRows(values, p.at.vRow, from, p.keys, p.valueSize, (A)1, valueTile);
            __syncthreads();
            A slope = 0;
            if (row < p.queries && from + lane < p.keys) {
                A score = p.masked(product(queryRows[warp], keyTile[lane], p.keySize), head, row, from + lane);
                A ofWeight = p.dropped(product(slopeRows[warp], valueTile[lane], p.valueSize), head, row, from + lane);
                slope = weight(score, statistics[2 * at], statistics[2 * at + 1]) * (ofWeight - inner);
            }
            slopes[warp][lane] = slope;
            __syncthreads();
#pragma unroll
            for (int c = 0; c < W / WARP; c++) {
                int e = c * WARP + lane;
                if (e < p.keySize) {
                    for (int i = 0; i < WARP; i++) {
                        sums[c] += slopes[warp][i] * keyTile[i][e];
                    }
                }
            }
        }
        if (row < p.queries) {
            T* ofRow = dq + p.queryRows(head) + (long long)row * p.at.qRow;
#pragma unroll
            for (int c = 0; c < W / WARP; c++) {
                int e = c * WARP + lane;
                if (e < p.keySize) {
                    ofRow[e] = store<T>(sums[c] * (A)p.scale);
                }
            }
        }
    }
}

template <class T>
__device__ void ofKeys(
        const Problem<T>& p, const T* y, const Arithmetic<T>* statistics, const T* dy, T* dk, T* dv) {
    using A = Arithmetic<T>;
    constexpr int W = WIDEST<A>;
    __shared__ A keyRows[ROWS][W + 1];
    __shared__ A valueRows[ROWS][W + 1];
    __shared__ A queryTile[WARP][W + 1];
    __shared__ A slopeTile[WARP][W + 1];
    __shared__ A weights[ROWS][WARP];
    __shared__ A slopes[ROWS][WARP];
    int lane = threadIdx.x % WARP;
    int warp = threadIdx.x / WARP;
    int tiles = (p.keys + ROWS - 1) / ROWS;
    for (long long unit = blockIdx.x; unit < (long long)(p.heads / p.shared) * tiles; unit += gridDim.x) {
        int group = (int)(unit / tiles);
        int first = (int)(unit % tiles) * ROWS;
        int key = first + warp;
        A ofKey[W / WARP] = {};
        A ofValue[W / WARP] = {};
        __syncthreads();  // the rows of the unit before have been read
        copyRows(p.k + p.keyRows(group), p.at.kRow, first, p.keys, p.keySize, (A)1, keyRows);
        copyRows(p.v + p.valueRows(group), p.at.vRow, first, p.keys, p.valueSize, (A)1, valueRows);
        for (int head = group * p.shared; head < (group + 1) * p.shared; head++) {
            for (int from = 0; from < p.queries; from += WARP) {
                __syncthreads();
                copyRows(p.q + p.queryRows(head), p.at.qRow, from, p.queries, p.keySize, (A)p.scale, queryTile);
                copyRows(dy + p.resultRows(head), p.at.yRow, from, p.queries, p.valueSize, (A)1, slopeTile);
                __syncthreads();
                A share = 0;
                A slope = 0;
                int query = from + lane;
                if (key < p.keys && query < p.queries) {
                    long long at = (long long)head * p.queries + query;
                    A score = p.masked(product(queryTile[lane], keyRows[warp], p.keySize), head, query, key);
                    A own = weight(score, statistics[2 * at], statistics[2 * at + 1]);
                    share = p.dropped(own, head, query, key);
                    const T* result = y + p.resultRows(head) + (long long)query * p.at.yRow;
                    A inner = 0;
                    for (int d = 0; d < p.valueSize; d++) {
                        inner += slopeTile[lane][d] * (A)load(result[d]);
                    }
                    A ofWeight = p.dropped(product(slopeTile[lane], valueRows[warp], p.valueSize), head, query, key);
                    slope = own * (ofWeight - inner);
                }
                weights[warp][lane] = share;
                slopes[warp][lane] = slope;
                __syncthreads();
#pragma unroll
                for (int c = 0; c < W / WARP; c++) {
                    int column = c * WARP + lane;
                    for (int i = 0; i < WARP && column < p.keySize; i++) {
                        ofKey[c] += slopes[warp][i] * queryTile[i][column];
                    }
                    for (int i = 0; i < WARP && column < p.valueSize; i++) {
                        ofValue[c] += weights[warp][i] * slopeTile[i][column];
                    }
                }
            }
        }
        if (key < p.keys) {
            T* ofKeyRow = dk + p.keyRows(group) + (long long)key * p.at.kRow;
            T* ofValueRow = dv + p.valueRows(group) + (long long)key * p.at.vRow;
#pragma unroll
            for (int c = 0; c < W / WARP; c++) {
                int column = c * WARP + lane;
                if (column < p.keySize) {
                    ofKeyRow[column] = store<T>(ofKey[c]);  // the queries are scaled
                }
                if (column < p.valueSize) {
                    ofValueRow[column] = store<T>(ofValue[c]);
                }
            }
        }
    }
}

#define GIVEN(T)                                                                                                       \
    Problem<T> {                                                                                                       \
        q, k, v, strides, chosen, added, maskBatch, maskHead, maskQuery, maskKey, Random::of(seed, stream, counter, advance),   \
                (unsigned)threshold, dropScale, scale, causal, heads, perBatch, shared, queries, keys, keySize, valueSize\
    }

#define KERNELS(T, name)                                                                                               \
    KERNEL(attention_##name, const T* q, const T* k, const T* v, const bool* NULLABLE chosen,                          \
            const T* NULLABLE added, long long maskBatch, long long maskHead, long long maskQuery, long long maskKey,  \
            long long seed, long long stream, long long counter, const unsigned long long* advance, int threshold,     \
            double dropScale, double scale, int causal, int heads, int perBatch, int shared, int queries, int keys,    \
            int keySize, int valueSize, AttentionStrides strides, T* y, Arithmetic<T>* statistics) {                   \
        forward(GIVEN(T), y, statistics);                                                                              \
    }                                                                                                                  \
    KERNEL(attention_backward_queries_##name, const T* q, const T* k, const T* v, const bool* NULLABLE chosen,         \
            const T* NULLABLE added, long long maskBatch, long long maskHead, long long maskQuery, long long maskKey,  \
            long long seed, long long stream, long long counter, const unsigned long long* advance, int threshold,     \
            double dropScale, double scale, int causal, int heads, int perBatch, int shared, int queries, int keys,    \
            int keySize, int valueSize, AttentionStrides strides, const T* y, const Arithmetic<T>* statistics,         \
            const T* dy, T* dq) {                                                                                      \
        ofQueries(GIVEN(T), y, statistics, dy, dq);                                                                    \
    }                                                                                                                  \
    KERNEL(attention_backward_keys_##name, const T* q, const T* k, const T* v, const bool* NULLABLE chosen,            \
            const T* NULLABLE added, long long maskBatch, long long maskHead, long long maskQuery, long long maskKey,  \
            long long seed, long long stream, long long counter, const unsigned long long* advance, int threshold,     \
            double dropScale, double scale, int causal, int heads, int perBatch, int shared, int queries, int keys,    \
            int keySize, int valueSize, AttentionStrides strides, const T* y, const Arithmetic<T>* statistics,         \
            const T* dy, T* dk, T* dv) {                                                                               \
        ofKeys(GIVEN(T), y, statistics, dy, dk, dv);                                                                   \
    }
FOR_FLOATING_TYPES(KERNELS)
