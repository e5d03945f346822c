// The driver's result codes.
#pragma once

namespace soft {

enum Result : int {
    SUCCESS = 0,
#define ERROR(code, name, text) name = code,
#include "errors.def"
#undef ERROR
};

}
