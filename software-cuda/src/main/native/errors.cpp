// Names and texts of the result codes.
#include "driver.h"

using namespace soft;

namespace {

struct Text {
    int code;
    const char* name;
    const char* text;
};

const Text TEXTS[] = {
    {0, "CUDA_SUCCESS", "no error"},
#define ERROR(code, name, text) {code, "CUDA_ERROR_" #name, text},
#include "errors.def"
#undef ERROR
};

const Text* find(int code) {
    for (const Text& t : TEXTS)
        if (t.code == code) return &t;
    return nullptr;
}

}

API int cuGetErrorName(int code, const char** name) {
    const Text* t = find(code);
    if (name) *name = t ? t->name : nullptr;
    return t && name ? SUCCESS : INVALID_VALUE;
}

API int cuGetErrorString(int code, const char** text) {
    const Text* t = find(code);
    if (text) *text = t ? t->text : nullptr;
    return t && text ? SUCCESS : INVALID_VALUE;
}
