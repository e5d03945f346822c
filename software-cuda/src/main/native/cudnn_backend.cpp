// The calls of cuDNN's graph API.
#include "cudnn_backend.h"

#include <set>

#include "cudnn_graph.h"
#include "enqueue.h"

using namespace soft;

namespace {

constexpr auto kNotFinalized = static_cast<cudnnStatus_t>(2004);
constexpr auto kAttributeType = static_cast<cudnnStatus_t>(2010);
constexpr auto kSizeInsufficient = static_cast<cudnnStatus_t>(2006);
constexpr auto kMisaligned = static_cast<cudnnStatus_t>(2003);

cudnnStatus_t contents_of(const char* call, void* handle, std::shared_ptr<Backend>* backend) {
    const BackendHandle* found = find<BackendHandle>(handle);
    if (found == nullptr) return bad_param(call, "the descriptor was not created, or is destroyed");
    *backend = found->contents;
    return CUDNN_STATUS_SUCCESS;
}

// Of another kind, or before it is finalized, it is refused.
cudnnStatus_t finalized_of(const char* call, void* handle, int kind, std::shared_ptr<Backend>* backend) {
    if (auto status = contents_of(call, handle, backend)) return status;
    if (kind >= 0 && (*backend)->type != kind) return bad_param(call, "a descriptor is of another kind");
    if (!(*backend)->finalized) return refuse_cudnn(kNotFinalized, call, "a descriptor is not finalized");
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t check_type(const char* call, const Attribute& attribute, int type) {
    const bool is_factor = attribute.type == CUDNN_TYPE_FLOAT && type == CUDNN_TYPE_DOUBLE;
    if (attribute.type == type || is_factor) return CUDNN_STATUS_SUCCESS;
    return refuse_cudnn(kAttributeType, call, "%s is of type %d, got %d", attribute.text, attribute.type, type);
}

cudnnStatus_t set_descriptors(const char* call, const Attribute& attribute, long count, void* const* handles,
        Backend::Value* value) {
    for (long i = 0; i < count; i++) {
        std::shared_ptr<Backend> other;
        if (auto status = finalized_of(call, handles[i], attribute.of, &other)) return status;
        if (attribute.of < 0 && !is_operation(other->type)) return bad_param(call, "a descriptor is of no operation");
        value->descriptors.push_back(other);
    }
    return CUDNN_STATUS_SUCCESS;
}

// A descriptor that a result is stored in: created by the caller, of the kind, and not finalized.
cudnnStatus_t empty_one(const char* call, void* handle, int kind, std::shared_ptr<Backend>* backend) {
    if (auto status = contents_of(call, handle, backend)) return status;
    if ((*backend)->type != kind) return bad_param(call, "a descriptor for a result is of another kind");
    return CUDNN_STATUS_SUCCESS;
}

std::shared_ptr<Backend> engine_descriptor(const Backend& heuristics, const Engine& engine) {
    auto made = std::make_shared<Backend>();
    made->type = CUDNN_BACKEND_ENGINE_DESCRIPTOR;
    made->values[CUDNN_ATTR_ENGINE_OPERATION_GRAPH] = heuristics.values.at(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
    made->put<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, {engine.index});
    made->graph = heuristics.of(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH).graph;
    made->engine = engine.index;
    std::vector<int> notes = {CUDNN_NUMERICAL_NOTE_TENSOR_CORE};
    if (!engine.deterministic) notes.push_back(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC);
    made->put<int>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, notes);
    made->finalized = true;
    return made;
}

cudnnStatus_t heuristics(
        const char* call, const Backend& b, long requested, int64_t* count, void* const* results) {
    std::vector<const Engine*> engines;
    if (!soft_graphs_refused()) engines = engines_for(*b.of(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH).graph);
    if (results == nullptr) {
        give(count, engines.size());
        return CUDNN_STATUS_SUCCESS;
    }
    const long given = std::min<long>(requested, engines.size());
    for (long i = 0; i < given; i++) {
        std::shared_ptr<Backend> config;
        if (auto status = empty_one(call, results[i], CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, &config)) return status;
        config->put(CUDNN_ATTR_ENGINECFG_ENGINE, engine_descriptor(b, *engines[i]));
        config->finalized = true;
    }
    give(count, given);
    return CUDNN_STATUS_SUCCESS;
}

// Checks the memory of each tensor that is not virtual, and that no result overlaps anything else.
cudnnStatus_t check_graph_memory(const char* call, const GraphWork& work) {
    const OperationGraph& graph = *work.graph;
    std::set<long> results;
    for (const Node& node : graph.nodes)
        results.insert(node.outputs.begin(), node.outputs.end());
    for (const auto& known : graph.tensors) {
        const GraphTensor& tensor = known.second;
        auto memory = work.memory.find(tensor.uid);
        if (tensor.is_virtual) {
            if (memory != work.memory.end()) return bad_param(call, "a virtual tensor has memory");
            continue;
        }
        if (memory == work.memory.end())
            return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "tensor %ld has no memory", tensor.uid);
        if (auto status = check_memory(call, "a tensor", memory->second, tensor.extent(), tensor.type)) return status;
        if (reinterpret_cast<uintptr_t>(memory->second) % tensor.alignment != 0)
            return refuse_cudnn(kMisaligned, call, "tensor %ld is not aligned as its descriptor says", tensor.uid);
        auto bytes = [](const GraphTensor& t) { return t.extent() * size_of(t.type); };
        if (overlap(memory->second, bytes(tensor), work.workspace, long(work.workspace_bytes)))
            return bad_param(call, "a tensor overlaps the workspace");
        for (const auto& other : work.memory)
            if (other.first != tensor.uid && results.count(tensor.uid) == 1 && graph.tensors.count(other.first) == 1
                    && overlap(memory->second, bytes(tensor), other.second, bytes(graph.tensor(other.first))))
                return bad_param(call, "a result overlaps another tensor");
    }
    for (const auto& known : work.memory)
        if (graph.tensors.count(known.first) == 0)
            return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "the graph has no tensor %ld", known.first);
    return CUDNN_STATUS_SUCCESS;
}

} // namespace

CUDNN_API cudnnStatus_t cudnnBackendCreateDescriptor(int type, void** descriptor) {
    const char* call = "cudnnBackendCreateDescriptor";
    if (descriptor == nullptr) return bad_param(call, "the descriptor's pointer is null");
    if (auto status = injected(call, false)) return status;
    if (attributes_of(type) == nullptr)
        return refuse_cudnn(CUDNN_STATUS_NOT_SUPPORTED, call, "the software cuDNN has no descriptors of kind %d", type);
    void* handle = registry<BackendHandle>().add();
    BackendHandle* made = find<BackendHandle>(handle);
    made->contents = std::make_shared<Backend>();
    made->contents->type = type;
    soft_count_descriptors(1);
    *descriptor = handle;
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnBackendDestroyDescriptor(void* descriptor) {
    if (!registry<BackendHandle>().remove(descriptor))
        return bad_param("cudnnBackendDestroyDescriptor", "the descriptor was not created, or is destroyed");
    soft_count_descriptors(-1);
    return CUDNN_STATUS_SUCCESS;
}

// Makes a descriptor as it was when it was created.
CUDNN_API cudnnStatus_t cudnnBackendInitialize(void* descriptor) {
    const char* call = "cudnnBackendInitialize";
    BackendHandle* found = find<BackendHandle>(descriptor);
    if (found == nullptr) return bad_param(call, "the descriptor was not created, or is destroyed");
    const int type = found->contents->type;
    found->contents = std::make_shared<Backend>();
    found->contents->type = type;
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnBackendSetAttribute(
        void* descriptor, int name, int type, int64_t count, const void* elements) {
    const char* call = "cudnnBackendSetAttribute";
    std::shared_ptr<Backend> b;
    if (auto status = contents_of(call, descriptor, &b)) return status;
    if (b->finalized)
        return refuse_cudnn(CUDNN_STATUS_NOT_INITIALIZED, call, "the descriptor is finalized: it cannot be changed");
    const Attribute* attribute = attribute_of(b->type, name);
    if (attribute == nullptr || !attribute->settable)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "a descriptor of kind %d has no attribute %d that is set",
                b->type, name);
    if (auto status = check_type(call, *attribute, type)) return status;
    if (count < attribute->least || count > attribute->most)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s has %ld to %ld elements, got %ld", attribute->text,
                attribute->least, attribute->most, long(count));
    if (elements == nullptr && count > 0) return bad_param(call, "the elements are null");
    Backend::Value value;
    value.type = type;
    value.count = count;
    if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
        if (auto status = set_descriptors(call, *attribute, count, static_cast<void* const*>(elements), &value))
            return status;
    } else if (count > 0) {
        value.bytes.resize(count * size_of_attribute(type));
        std::memcpy(value.bytes.data(), elements, value.bytes.size());
    }
    b->values[name] = std::move(value);
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnBackendFinalize(void* descriptor) {
    const char* call = "cudnnBackendFinalize";
    std::shared_ptr<Backend> b;
    if (auto status = contents_of(call, descriptor, &b)) return status;
    if (auto status = injected(call, false)) return status;
    if (b->finalized) return CUDNN_STATUS_SUCCESS;
    for (const Attribute& attribute : *attributes_of(b->type))
        if (attribute.required && !b->has(attribute.name))
            return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s is not set", attribute.text);
    if (auto status = finalize(call, *b)) return status;
    b->finalized = true;
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnBackendGetAttribute(
        void* descriptor, int name, int type, int64_t requested, int64_t* count, void* elements) {
    const char* call = "cudnnBackendGetAttribute";
    std::shared_ptr<Backend> b;
    give(count, 0);
    if (auto status = contents_of(call, descriptor, &b)) return status;
    if (!b->finalized)
        return refuse_cudnn(CUDNN_STATUS_NOT_INITIALIZED, call, "the descriptor is not finalized");
    const Attribute* attribute = attribute_of(b->type, name);
    if (attribute == nullptr)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "a descriptor of kind %d has no attribute %d", b->type, name);
    if (auto status = check_type(call, *attribute, type)) return status;
    if (name == CUDNN_ATTR_ENGINEHEUR_RESULTS)
        return heuristics(call, *b, requested, count, static_cast<void* const*>(elements));
    if (name == CUDNN_ATTR_OPERATIONGRAPH_ENGINE_GLOBAL_COUNT) {
        give(count, 1);
        give(static_cast<int64_t*>(elements), soft_graphs_refused() ? 0 : int64_t(engines_for(*b->graph).size()));
        return CUDNN_STATUS_SUCCESS;
    }
    if (!b->has(name)) return CUDNN_STATUS_SUCCESS;
    const Backend::Value& value = b->values.at(name);
    give(count, value.count);
    if (elements == nullptr || requested < 1) return CUDNN_STATUS_SUCCESS;
    if (name == CUDNN_ATTR_ENGINECFG_ENGINE) {
        std::shared_ptr<Backend> engine;
        void* into = *static_cast<void**>(elements);
        if (auto status = empty_one(call, into, CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine)) return status;
        *engine = *value.descriptors[0];
        return CUDNN_STATUS_SUCCESS;
    }
    if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR)
        return not_supported(call, "the software cuDNN gives back no descriptors that were set");
    std::memcpy(elements, value.bytes.data(), std::min<long>(requested, value.count) * size_of_attribute(type));
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, void* plan_descriptor, void* pack_descriptor) {
    const char* call = "cudnnBackendExecute";
    Cudnn* cudnn;
    std::shared_ptr<Backend> plan, pack;
    if (auto status = enter(call, handle, &cudnn)) return status;
    if (auto status = finalized_of(call, plan_descriptor, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan)) return status;
    if (auto status = finalized_of(call, pack_descriptor, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack)) return status;
    const Engine& engine = *engine_of(plan->engine);
    GraphWork work{plan->graph, {}, engine.deterministic, nullptr, engine.workspace(*plan->graph)};
    for (long i = 0; i < pack->count(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS); i++) {
        const long uid = pack->get<int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, i);
        if (!work.memory.emplace(uid, pack->get<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, i)).second)
            return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "tensor %ld is named twice", uid);
    }
    if (work.workspace_bytes > 0) {
        work.workspace = pack->get_or<void*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, nullptr);
        if (work.workspace == nullptr) return bad_param(call, "the plan has a workspace, and the pack none");
        if (const char* why = soft_outside(work.workspace, work.workspace_bytes))
            return refuse_cudnn(kSizeInsufficient, call, "the workspace: %s", why);
    }
    if (auto status = check_graph_memory(call, work)) return status;
    if (enqueue(cudnn->stream, call, std::move(work)))
        return refuse_cudnn(CUDNN_STATUS_EXECUTION_FAILED, call, "the stream did not take the work");
    return CUDNN_STATUS_SUCCESS;
}
