// A column-major matrix in device memory, or a batch of them, and the checks on it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "cublas_handle.h"

namespace soft {

inline long size_of(int type) { return type == CUDA_R_64F ? 8 : type == CUDA_R_32F ? 4 : 2; }

struct Matrix {
    long rows, columns; // as stored
    bool transposed;
    void* data;
    long leading;
    long stride;
    long element;

    // op(matrix) is rows × columns.
    static Matrix of(int op, long rows, long columns, const void* data, int type, long leading, long stride) {
        bool transposed = op != CUBLAS_OP_N;
        return {transposed ? columns : rows, transposed ? rows : columns, transposed, const_cast<void*>(data), leading,
                stride, size_of(type)};
    }

    // Elements from the first to one past the last.
    long extent() const { return columns == 0 || rows == 0 ? 0 : (columns - 1) * leading + rows; }

    long bytes(long batch) const { return extent() == 0 ? 0 : ((batch - 1) * stride + extent()) * element; }

    std::optional<std::string> wrong_leading(const char* name) const {
        if (leading >= (rows > 1 ? rows : 1)) return {};
        return std::string("ld") + static_cast<char>(name[0] | 0x20) + " is " + std::to_string(leading) + ", " + name
                + " has " + std::to_string(rows) + " rows as stored";
    }

    std::optional<std::string> wrong_memory(const char* name, long batch) const {
        if (data == nullptr) return std::string(name) + " is null";
        if (reinterpret_cast<uintptr_t>(data) % element != 0)
            return std::string(name) + " is not aligned to its elements";
        if (batch > 1 && stride < 0) return std::string("the stride of ") + name + " is negative";
        if (bytes(batch) == 0) return {};
        const char* why = soft_outside(data, bytes(batch));
        return why == nullptr ? std::nullopt : std::optional(std::string(name) + ": " + why);
    }

    bool overlaps(const Matrix& other, long batch) const {
        auto begin = reinterpret_cast<uintptr_t>(data), that = reinterpret_cast<uintptr_t>(other.data);
        return begin < that + other.bytes(batch) && that < begin + bytes(batch);
    }
};

// alpha or beta: read at the call from host memory, or when the work runs from device memory.
struct Scalar {
    const void* device = nullptr;
    double host = 0;
    int type = CUDA_R_32F;

    std::optional<std::string> read(const char* name, const void* pointer, int scalar_type, int pointer_mode) {
        type = scalar_type;
        if (pointer_mode == CUBLAS_POINTER_MODE_DEVICE) {
            device = pointer;
            const char* why = soft_outside(pointer, size_of(type));
            return why == nullptr ? std::nullopt : std::optional(std::string(name) + ": " + why);
        }
        if (soft_outside(pointer, size_of(type)) == nullptr)
            return std::string(name) + " is in device memory, but the pointer mode is host";
        host = at(pointer);
        return {};
    }

    // As far as is known before the work runs.
    bool is_zero() const { return device == nullptr && host == 0; }

    double value() const { return device == nullptr ? host : at(device); }

private:
    double at(const void* pointer) const {
        return type == CUDA_R_64F ? *static_cast<const double*>(pointer) : *static_cast<const float*>(pointer);
    }
};

} // namespace soft
