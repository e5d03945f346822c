// Descriptors of cuDNN's graph API: bags of attributes that are set, finalized, and read from then on.
#pragma once
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cudnn_backend_abi.h"
#include "cudnn_descriptors.h"

namespace soft {

struct OperationGraph;

// A descriptor's contents. Those that it is set in another one are shared, so that destroying a handle leaves the other as it was.
struct Backend {
    struct Value {
        int type = 0;
        long count = 0;
        std::vector<char> bytes; // unless it is of descriptors
        std::vector<std::shared_ptr<const Backend>> descriptors;
    };

    int type = 0;
    bool finalized = false;
    std::map<int, Value> values;
    std::shared_ptr<const OperationGraph> graph; // of an operation graph
    int engine = -1; // of an engine, its index

    bool has(int name) const { return values.count(name) == 1; }
    long count(int name) const { return has(name) ? values.at(name).count : 0; }

    template <class T>
    T get(int name, long i = 0) const {
        T value;
        std::memcpy(&value, values.at(name).bytes.data() + i * sizeof(T), sizeof(T));
        return value;
    }

    template <class T>
    T get_or(int name, T otherwise) const {
        return has(name) ? get<T>(name) : otherwise;
    }

    // A factor, which is float or double.
    double factor(int name, double otherwise) const {
        if (!has(name)) return otherwise;
        return values.at(name).type == CUDNN_TYPE_DOUBLE ? get<double>(name) : double(get<float>(name));
    }

    const Backend& of(int name, long i = 0) const { return *values.at(name).descriptors[i]; }

    template <class T>
    void put(int name, int attribute_type, const std::vector<T>& content) {
        Value value;
        value.type = attribute_type;
        value.count = long(content.size());
        value.bytes.resize(content.size() * sizeof(T));
        if (!content.empty()) std::memcpy(value.bytes.data(), content.data(), value.bytes.size());
        values[name] = std::move(value);
    }

    void put(int name, std::shared_ptr<const Backend> descriptor) {
        Value value;
        value.type = CUDNN_TYPE_BACKEND_DESCRIPTOR;
        value.count = 1;
        value.descriptors.push_back(std::move(descriptor));
        values[name] = std::move(value);
    }
};

// What a handle refers to.
struct BackendHandle {
    std::shared_ptr<Backend> contents;
};

// What an attribute of a kind of descriptor has to be.
struct Attribute {
    int name;
    const char* text;
    int type; // a factor may also be a double
    long least, most; // elements
    bool required; // to finalize
    bool settable;
    int of = -1; // the kind of the descriptors that it holds; -1 for any operation
};

// Null for a kind that the software cuDNN does not have.
const std::vector<Attribute>* attributes_of(int descriptor_type);
const Attribute* attribute_of(int descriptor_type, int name);
long size_of_attribute(int type);
bool is_operation(int descriptor_type);

// Checks that the contents fit together and derives what belongs to them.
cudnnStatus_t finalize(const char* call, Backend& backend);

} // namespace soft
