// Kernels that show what the software GPU can do, and what it has to notice.
#ifdef ALBORZ_HOST
#define SAMPLE(name, ...) extern "C" void name(__VA_ARGS__); SOFT_KERNEL(name) extern "C" void name(__VA_ARGS__)
#else
#define SAMPLE(name, ...) extern "C" __global__ void name(__VA_ARGS__)
#endif

// c = a + b
SAMPLE(sample_add, const float* a, const float* b, float* c, long long n) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += gridDim.x * (long long)blockDim.x)
        c[i] = a[i] + b[i];
}

// a *= s
SAMPLE(sample_scale, float* a, float s, long long n) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < n) a[i] *= s;
}

__device__ __forceinline__ float warpSum(float v) {
    for (int o = 16; o > 0; o >>= 1) v += __shfl_down_sync(0xffffffffu, v, o);
    return v;
}

template <class T>
__device__ T* scratch() {
    __shared__ T part[32];
    return part;
}

// out[row] = the sum of a row; a block a row
SAMPLE(sample_row_sum, const float* a, float* out, int columns) {
    float* part = scratch<float>();
    float s = 0;
    for (int j = threadIdx.x; j < columns; j += blockDim.x) s += a[(long long)blockIdx.x * columns + j];
    s = warpSum(s);
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
    if (lane == 0) part[warp] = s;
    __syncthreads();
    if (warp == 0) {
        s = lane < (int)(blockDim.x + 31) / 32 ? part[lane] : 0.f;
        s = warpSum(s);
        if (lane == 0) out[blockIdx.x] = s;
    }
}

// c = a b, n x n, n a multiple of 16, by tiles in shared memory
SAMPLE(sample_tiles, const float* a, const float* b, float* c, int n) {
    __shared__ float sa[16][16], sb[16][16];
    int x = threadIdx.x, y = threadIdx.y, column = blockIdx.x * 16 + x, row = blockIdx.y * 16 + y;
    float s = 0;
    for (int t = 0; t < n; t += 16) {
        sa[y][x] = a[row * n + t + x];
        sb[y][x] = b[(t + y) * n + column];
        __syncthreads();
        for (int k = 0; k < 16; k++) s += sa[y][k] * sb[k][x];
        __syncthreads();
    }
    c[row * n + column] = s;
}

// What each collective gives each of 32 lanes: up by 1, xor 3, lane 5, ballot of the odd, any of none, all of all,
// down by 1 in groups of 8, and the sum by atomics.
SAMPLE(sample_collectives, int* out) {
    int lane = threadIdx.x;
    unsigned all = 0xffffffffu;
    out[lane] = __shfl_up_sync(all, lane, 1);
    out[32 + lane] = __shfl_xor_sync(all, lane, 3);
    out[64 + lane] = __shfl_sync(all, lane, 5);
    out[96 + lane] = (int)__ballot_sync(all, lane & 1);
    out[128 + lane] = __any_sync(all, 0);
    out[160 + lane] = __all_sync(all, lane >= 0);
    out[192 + lane] = __shfl_down_sync(all, lane, 1, 8);
    __shared__ int sum;
    if (lane == 0) sum = 0;
    __syncwarp();
    atomicAdd(&sum, lane);
    __syncwarp();
    out[224 + lane] = sum;
}

// Lanes below `lanes` sum their numbers among themselves, while the others have gone.
SAMPLE(sample_part_of_warp, int* out, int lanes) {
    int lane = threadIdx.x;
    if (lane >= lanes) return;
    unsigned mask = (1u << lanes) - 1;
    int s = lane;
    for (int o = 1; o < lanes; o <<= 1) s += __shfl_xor_sync(mask, s, o);
    out[lane] = s;
}

__device__ int exchange(unsigned mask, int value, int source) {
    return __shfl_sync(mask, value, source);
}

// Lane 0 deals with lane 2, then with lane 1, while lane 1 waits for it already.
SAMPLE(sample_pairs, int* out) {
    if (threadIdx.x == 0) {
        out[0] = exchange(5, 10, 2);
        out[3] = exchange(3, 20, 1);
    } else if (threadIdx.x == 1) {
        out[1] = exchange(3, 7, 0);
    } else if (threadIdx.x == 2) {
        out[2] = exchange(5, 30, 0);
    }
}

// Shared memory that nobody wrote.
SAMPLE(sample_unwritten, float* out) {
    __shared__ float part[64];
    __syncthreads();
    out[blockIdx.x * blockDim.x + threadIdx.x] = part[threadIdx.x];
    part[threadIdx.x] = 1;
}

// Forgets the barrier between writing and reading.
SAMPLE(sample_race, int* out) {
    __shared__ int part[64];
    part[threadIdx.x] = threadIdx.x;
    out[threadIdx.x] = part[63 - threadIdx.x];
    __syncthreads();
}

// ---- what must fail
SAMPLE(sample_barrier_by_half, int* out) {
    if (threadIdx.x < 16) {
        __syncthreads();
        out[threadIdx.x] = 1;
    } else {
        __syncwarp(0xffffffffu);
    }
}

SAMPLE(sample_two_barriers, int* out) {
    if (threadIdx.x < 16)
        __syncthreads();
    else
        __syncthreads();
    out[threadIdx.x] = 1;
}

SAMPLE(sample_two_shuffles, int* out) {
    int lane = threadIdx.x;
    if (lane < 16)
        out[lane] = __shfl_sync(0xffffffffu, lane, 0);
    else
        out[lane] = __shfl_sync(0xffffffffu, lane, 1);
}

SAMPLE(sample_foreign_mask, int* out) {
    if (threadIdx.x >= 16) out[threadIdx.x] = __shfl_sync(0xffffu, 1, 0);
}

SAMPLE(sample_write_at, float* a, long long index) {
    if (threadIdx.x == 3) a[index] = 1;
}

SAMPLE(sample_vector_at, const float* a, float* out, long long index) {
    float4 v = *(const float4*)(a + index);
    out[0] = v.x + v.w;
}

SAMPLE(sample_shared_at, float* out, int index) {
    __shared__ float part[32];
    part[index] = 1;
    __syncthreads();
    out[threadIdx.x] = part[threadIdx.x];
}

SAMPLE(sample_divide, int* a, int by) {
    a[threadIdx.x] /= by;
}

SAMPLE(sample_trap, int* a) {
    if (threadIdx.x == 7) __trap();
    a[threadIdx.x] = 1;
}

struct SampleSizes {
    long long count;
    int step[4];
    int start;
};

// out[i] = start + i step[1], from a structure passed by value
SAMPLE(sample_structure, long long* out, SampleSizes s, double scale) {
    for (long long i = threadIdx.x; i < s.count; i += blockDim.x) out[i] = (long long)((s.start + i * s.step[1]) * scale);
}

// out[i] = the sum over all blocks of their number + 1, for which each waits for the others; count is 0 before
SAMPLE(sample_meet, unsigned* count, int* sum, int* out, int blocks) {
    __shared__ int own;
    if (threadIdx.x == 0) {
        own = blockIdx.x + 1;
        atomicAdd(sum, own);
        __threadfence();
        atomicAdd(count, 1u);
        while (*(volatile unsigned*)count < (unsigned)blocks) __nanosleep(100);
    }
    __syncthreads();
    if (threadIdx.x == blockDim.x - 1) out[blockIdx.x] = own == (int)blockIdx.x + 1 ? *sum : -1;
}

__device__ int* sampleDynamicShared() {
#ifdef ALBORZ_HOST
    return static_cast<int*>(soft_dynamic_shared());
#else
    extern __shared__ int dynamic[];
    return dynamic;
#endif
}

// out[block] = the sum over all threads of thread + block, by way of `count` numbers of dynamic shared memory, and -1 where what was there is none.
// The blocks wait for each other where `met` is not null.
SAMPLE(sample_dynamic_shared, unsigned* met, int* out, int count) {
    int* numbers = sampleDynamicShared();
    bool poisoned = numbers[threadIdx.x] == -1;
    for (int i = threadIdx.x; i < count; i += blockDim.x) numbers[i] = i + (int)blockIdx.x;
    __syncthreads();
    if (met != nullptr && threadIdx.x == 0) {
        atomicAdd(met, 1u);
        while (*(volatile unsigned*)met < gridDim.x) __nanosleep(100);
    }
    __syncthreads();
    if (threadIdx.x != 0) return;
    int sum = 0;
    for (int i = 0; i < (int)blockDim.x; i++) sum += numbers[i];
    out[blockIdx.x] = poisoned ? sum : -1;
}
