// Opaque handles: numbers that are never used twice, so that a handle of something destroyed is always noticed.
#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace soft {

using Handle = uintptr_t;

// Begins above the numbers that CUDA gives a meaning (1 and 2 are streams).
Handle freshHandle();

template <class T>
class Handles {
public:
    Handle add(std::shared_ptr<T> object) {
        Handle h = freshHandle();
        objects.emplace(h, std::move(object));
        return h;
    }
    std::shared_ptr<T> find(Handle h) const {
        auto i = objects.find(h);
        return i == objects.end() ? nullptr : i->second;
    }
    std::shared_ptr<T> find(const void* h) const { return find(reinterpret_cast<Handle>(h)); }
    bool remove(const void* h) { return objects.erase(reinterpret_cast<Handle>(h)) > 0; }
    void clear() { objects.clear(); }
    const std::unordered_map<Handle, std::shared_ptr<T>>& all() const { return objects; }

private:
    std::unordered_map<Handle, std::shared_ptr<T>> objects;
};

}
