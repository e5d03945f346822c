// Handles and descriptors as numbers that are never used twice: one that was destroyed, or is of another kind, is told
// from a live one.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace soft {

// Begins at its own address, which differs between the libraries: none takes a handle of another for its own.
inline std::atomic<uintptr_t> last_handle{reinterpret_cast<uintptr_t>(&last_handle) / 16 * 16};

template <class T>
class Registry {
public:
    void* add() {
        std::lock_guard<std::mutex> hold(lock_);
        uintptr_t handle = last_handle += 16;
        live_.emplace(handle, std::make_unique<T>());
        return reinterpret_cast<void*>(handle);
    }

    // Returns null for what is no live handle of this kind.
    T* find(const void* handle) {
        std::lock_guard<std::mutex> hold(lock_);
        auto found = live_.find(reinterpret_cast<uintptr_t>(handle));
        return found == live_.end() ? nullptr : found->second.get();
    }

    bool remove(const void* handle) {
        std::lock_guard<std::mutex> hold(lock_);
        return live_.erase(reinterpret_cast<uintptr_t>(handle)) == 1;
    }

private:
    std::mutex lock_;
    std::unordered_map<uintptr_t, std::unique_ptr<T>> live_;
};

// Never destroyed, since calls may come while the process ends.
template <class T>
Registry<T>& registry() {
    static auto* all = new Registry<T>;
    return *all;
}

template <class T>
T* find(const void* handle) {
    return registry<T>().find(handle);
}

} // namespace soft
